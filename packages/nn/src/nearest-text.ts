/** The text that takes the fewest changes to spell, the first of equals; undefined where all take more than `limit`. */
export function nearestText(text: string, candidates: Iterable<string>, limit: number): string | undefined {
  let best: string | undefined;
  // What is no better than the best so far is not counted to its end.
  let allowed = limit;
  for (const candidate of candidates) {
    if (allowed < 0) break;
    if (Math.abs(candidate.length - text.length) > allowed) continue;
    const changes = editDistance(text, candidate, allowed);
    if (changes > allowed) continue;
    best = candidate;
    allowed = changes - 1;
  }
  return best;
}

/**
 * Letters to insert, delete, replace or swap with their neighbour (Damerau 1964, optimal string alignment): what libraries of edit distances take
 * for two changes is the commonest slip. Above `limit` any number
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
