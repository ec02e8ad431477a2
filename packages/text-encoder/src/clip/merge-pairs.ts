import { check } from '@lascaux/nn';
import { createHeap } from '../collections/heap.js';
import { sizeOfVocabulary, type ClipVocabulary } from './vocabulary.js';

/** Joins the neighbours of a word's symbol ids until no merge applies. */
export type MergePairs = (symbols: readonly number[]) => number[];

const MAX_RANK_POSITION = 2 ** 32;

interface PairTable {
  readonly rankOf: (left: number, right: number) => number | undefined;
  readonly idOf: (rank: number) => number;
}

function tokenId({ vocab }: ClipVocabulary, token: string): number {
  const id = vocab.get(token);
  check(id !== undefined, {
    operation: 'CLIP vocabulary',
    rule: 'every part of a merge must be in vocab',
    value: token,
  });
  return id;
}

function pairTable(vocabulary: ClipVocabulary): PairTable {
  const stride = sizeOfVocabulary(vocabulary);
  const ranks = new Map<number, number>();
  const mergedIds: number[] = [];
  vocabulary.merges.forEach(([left, right], rank) => {
    const pair = tokenId(vocabulary, left) * stride + tokenId(vocabulary, right);
    if (!ranks.has(pair)) ranks.set(pair, rank);
    mergedIds.push(tokenId(vocabulary, left + right));
  });
  return {
    rankOf: (left, right) => ranks.get(left * stride + right),
    idOf: (rank) => mergedIds[rank] as number,
  };
}

/**
 * Byte-pair encoding of one word in O(n log n): the lowest-ranked pair first, from left to right among equals
 * (Sennrich et al. 2016, section 3.2).
 * @throws {LascauxError} when a merge names a token that is not in `vocab`
 */
export function mergePairs(vocabulary: ClipVocabulary): MergePairs {
  const { rankOf, idOf } = pairTable(vocabulary);

  return (symbols) => {
    const end = symbols.length;
    const ids = [...symbols];
    const next = ids.map((_, position) => position + 1);
    const previous = ids.map((_, position) => position - 1);
    // One number orders candidates by rank, then by position.
    const candidates = createHeap<number>((a, b) => a < b);

    function consider(position: number): void {
      const right = next[position] ?? end;
      if (position < 0 || right >= end) return;
      const rank = rankOf(ids[position] as number, ids[right] as number);
      if (rank !== undefined) candidates.push(rank * MAX_RANK_POSITION + position);
    }

    for (let position = 0; position < end - 1; position++) consider(position);
    for (let candidate = candidates.pop(); candidate !== undefined; candidate = candidates.pop()) {
      const rank = Math.floor(candidate / MAX_RANK_POSITION);
      const position = candidate % MAX_RANK_POSITION;
      const right = next[position] as number;
      const isStale = right >= end || rankOf(ids[position] as number, ids[right] as number) !== rank;
      if (isStale) continue;
      ids[position] = idOf(rank);
      ids[right] = -1;
      const after = next[right] as number;
      next[position] = after;
      if (after < end) previous[after] = position;
      consider(previous[position] as number);
      consider(position);
    }
    return ids.filter((id) => id >= 0);
  };
}
