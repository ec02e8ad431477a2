import type { KnownWords } from './known-words.js';

/** Letters that must be changed, by the length of a word: short ones have neighbours that mean something else. */
const allowedChanges = (length: number): number => (length < 4 ? 0 : length < 7 ? 1 : 2);

/** The known word for a thing that takes the fewest changes to spell; undefined where all take too many. */
export function nearestWord(word: string, { meanings }: KnownWords): string | undefined {
  let best: { readonly word: string; readonly changes: number } | undefined;
  let allowed = allowedChanges(word.length);
  for (const [known, meaning] of meanings) {
    // Of equals the first is kept: the list begins with the commonest.
    if (meaning === '' || Math.abs(known.length - word.length) > allowed || allowed === 0) continue;
    const changes = editDistance(word, known, allowed);
    if (changes > allowed || (best !== undefined && changes >= best.changes)) continue;
    best = { word: known, changes };
    allowed = changes;
  }
  return best?.word;
}

/**
 * Letters to insert, delete, replace or swap with their neighbour (Damerau 1964, optimal string alignment); above `limit` any number
 * greater than it.
 */
export function editDistance(a: string, b: string, limit: number): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    if (Math.min(...row) > limit) return limit + 1;
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
