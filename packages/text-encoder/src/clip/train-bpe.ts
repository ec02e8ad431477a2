import { check } from '@lascaux/nn';
import { createHeap } from '../collections/heap.js';
import { END_OF_TEXT, START_OF_TEXT, byteIds } from './byte-alphabet.js';
import { baseTokens, vocabularyOf, type ClipVocabulary, type Merge } from './vocabulary.js';
import { wordSplitter } from './words.js';

/** Options of `trainBpe`. */
export interface TrainBpeOptions {
  /** Most tokens the vocabulary may have, the 512 byte symbols and the two special tokens included. */
  readonly vocabSize: number;
  /** Length of the sequences the tokenizer will make; handed through to the result. Default 77. */
  readonly maxLength?: number;
  /** A pair is merged only when it occurs at least this often. Default 2. */
  readonly minFrequency?: number;
}

/** A learned vocabulary, ready for `clipTokenizer` and `saveTokenizer`. */
export interface TrainedBpe extends ClipVocabulary {
  readonly maxLength: number;
}

interface Word {
  symbols: number[];
  readonly count: number;
}

interface PairStatistics {
  count: number;
  readonly words: Set<Word>;
}

const PAIR_STRIDE = 2 ** 24;
const RESERVED = baseTokens().length + 2;

function countWords(captions: Iterable<string>): Word[] {
  const splitWords = wordSplitter([START_OF_TEXT, END_OF_TEXT]);
  const counts = new Map<string, number>();
  for (const caption of captions) {
    for (const word of splitWords(caption)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  counts.delete(START_OF_TEXT);
  counts.delete(END_OF_TEXT);
  return [...counts].map(([word, count]) => {
    const symbols = byteIds(word);
    symbols.push((symbols.pop() as number) + 256);
    return { symbols, count };
  });
}

/** Replaces every `left, right` by `merged`, from left to right. */
function replacePair(symbols: readonly number[], [left, right]: readonly [number, number], merged: number): number[] {
  const replaced: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const isPair = symbols[i] === left && symbols[i + 1] === right;
    replaced.push(isPair ? merged : (symbols[i] as number));
    if (isPair) i += 1;
  }
  return replaced;
}

/** Frequencies of neighbouring symbols over all words, kept up to date while words change. */
function pairCounter(words: readonly Word[]) {
  const pairs = new Map<number, PairStatistics>();
  // Most frequent first; among equals the lowest ids, so the order of the captions does not matter.
  const queue = createHeap<{ pair: number; count: number }>(
    (a, b) => a.count > b.count || (a.count === b.count && a.pair < b.pair),
  );

  function add(word: Word, sign: 1 | -1, changed: Set<number>): void {
    for (let i = 0; i + 1 < word.symbols.length; i++) {
      const pair = (word.symbols[i] as number) * PAIR_STRIDE + (word.symbols[i + 1] as number);
      const statistics = pairs.get(pair) ?? { count: 0, words: new Set<Word>() };
      statistics.count += sign * word.count;
      if (sign > 0) statistics.words.add(word);
      else statistics.words.delete(word);
      pairs.set(pair, statistics);
      changed.add(pair);
    }
  }

  function enqueue(changed: Set<number>): void {
    for (const pair of changed) queue.push({ pair, count: pairs.get(pair)?.count ?? 0 });
  }

  const all = new Set<number>();
  for (const word of words) add(word, 1, all);
  enqueue(all);

  return {
    /** The most frequent pair, or undefined when all words are single symbols. */
    best(): { left: number; right: number; count: number } | undefined {
      for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
        if (entry.count === 0 || pairs.get(entry.pair)?.count !== entry.count) continue; // out of date
        return { left: Math.floor(entry.pair / PAIR_STRIDE), right: entry.pair % PAIR_STRIDE, count: entry.count };
      }
      return undefined;
    },
    merge(left: number, right: number, merged: number): void {
      const changed = new Set<number>();
      for (const word of [...(pairs.get(left * PAIR_STRIDE + right)?.words ?? [])]) {
        add(word, -1, changed);
        word.symbols = replacePair(word.symbols, [left, right], merged);
        add(word, 1, changed);
      }
      enqueue(changed);
    },
  };
}

/**
 * Learns a CLIP-format byte-pair vocabulary (Sennrich et al. 2016, algorithm 1) from captions.
 *
 * Deterministic, and independent of the captions' order. Words that occur often end as one token. The vocabulary is
 * smaller than `vocabSize` when no pair occurs `minFrequency` times any more.
 * @throws {LascauxError} when `vocabSize` leaves no room for the 512 byte symbols and the two special tokens
 */
export function trainBpe(captions: Iterable<string>, options: TrainBpeOptions): TrainedBpe {
  const { vocabSize, maxLength = 77, minFrequency = 2 } = options;
  check(Number.isInteger(vocabSize) && vocabSize >= RESERVED && vocabSize < PAIR_STRIDE, {
    operation: 'trainBpe',
    rule: `vocabSize must be a whole number from ${RESERVED} to ${PAIR_STRIDE - 1}`,
    value: vocabSize,
    kind: 'usage',
  });
  const counter = pairCounter(countWords(captions));
  const tokens = baseTokens();
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: Merge[] = [];
  while (tokens.length + 2 < vocabSize) {
    const best = counter.best();
    if (best === undefined || best.count < minFrequency) break;
    const merge: Merge = [tokens[best.left] as string, tokens[best.right] as string];
    const joined = merge.join('');
    const id = ids.get(joined) ?? tokens.push(joined) - 1;
    ids.set(joined, id);
    merges.push(merge);
    counter.merge(best.left, best.right, id);
  }
  return { ...vocabularyOf(merges), maxLength };
}
