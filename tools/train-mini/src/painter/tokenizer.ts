import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '@lascaux/data';
import { painterCaption, painterScene, type CaptionSource } from '@lascaux/scenes';
import { clipTokenizer, loadTokenizer, saveTokenizer, trainBpe, type ClipTokenizer } from '@lascaux/text-encoder';
import { KEPT_TOKENIZER } from './stage-weights.js';
import { MAX_TOKENS } from './slot-tokens.js';
import { VOCABULARY } from './text-network.js';

/** Captions that the vocabulary is learned from, besides every word once. */
const CAPTIONS = 200_000;

function* texts(source: CaptionSource, nouns: number): Iterable<string> {
  yield* source.lexicon.words.keys();
  const shares = { single: 0.6, count: 0.15, coloured: 0.25, white: 0.4 };
  for (let i = 0; i < CAPTIONS; i++)
    yield painterCaption(painterScene({ seed: 0, count: nouns, shares }, i), source, randomStream(`vocabulary/${i}`));
}

/** The painter's tokenizer: read from the folder, or learned from the words and captions of all languages and written there. */
export async function painterTokenizer(
  directory: string,
  source: CaptionSource,
  nouns: number,
): Promise<ClipTokenizer> {
  if (existsSync(directory)) return loadTokenizer(directory);
  const tokenizer = clipTokenizer(trainBpe(texts(source, nouns), { vocabSize: VOCABULARY, maxLength: MAX_TOKENS }));
  await saveTokenizer(directory, tokenizer);
  return tokenizer;
}

/** The tokenizer that the text encoder was trained with: its run's, or the one that the repository keeps. */
export function trainedTokenizer(runs: string): Promise<ClipTokenizer> {
  const own = join(runs, 'text-encoder', 'tokenizer');
  return loadTokenizer(existsSync(own) ? own : KEPT_TOKENIZER);
}
