import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { LascauxError, check, limits, writeFileAtomically } from '@lascaux/nn';
import { normalText, parseWordList, WORDS_FILE, type KnownWords } from './word-list.js';

/**
 * The words of a model folder; undefined where it has no list, as most models: theirs know all words a little.
 * @throws {LascauxError} naming the file when it is damaged or too large
 */
export async function readKnownWords(model: string): Promise<KnownWords | undefined> {
  const path = join(model, WORDS_FILE);
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  check(facts.isFile() && facts.size <= limits.wordListBytes, {
    operation: path,
    rule: `must be a file of at most ${limits.wordListBytes / 2 ** 20} MB`,
    value: `${facts.size} bytes`,
  });
  return parseWordList(unpacked(await readFile(path), path));
}

function unpacked(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      gunzipSync(bytes, { maxOutputLength: limits.wordListTextBytes }),
    );
  } catch (cause) {
    const rule = 'must be a gzip of UTF-8 text';
    throw new LascauxError({ operation: path, rule, value: (cause as Error).message, cause });
  }
}

/** Writes the words into a model folder. @throws {LascauxError} when a word has a tab or a line break */
export async function writeKnownWords(model: string, meanings: ReadonlyMap<string, string>): Promise<void> {
  const lines = [...meanings].map(([word, meaning]) => {
    check(!/[\t\n]/.test(word + meaning), {
      operation: WORDS_FILE,
      rule: 'words are without tabs and line breaks',
      value: word,
    });
    return `${normalText(word)}\t${meaning}\n`;
  });
  await writeFileAtomically(join(model, WORDS_FILE), gzipSync(lines.join(''), { level: 9 }));
}
