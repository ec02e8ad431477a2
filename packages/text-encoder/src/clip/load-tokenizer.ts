import { filesOn } from '../files/read.js';
import type { ClipTokenizer } from './tokenizer.js';
import { tokenizerFromFiles, type LoadTokenizerOptions } from './tokenizer-from-files.js';

/**
 * Loads a CLIP tokenizer from a folder, as {@link tokenizerFromFiles}.
 * @throws {LascauxError} naming the file when something is missing or malformed
 */
export const loadTokenizer = (directory: string, options: LoadTokenizerOptions = {}): Promise<ClipTokenizer> =>
  tokenizerFromFiles(filesOn(directory), options);
