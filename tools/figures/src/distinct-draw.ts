import { check, randomStream } from '@lascaux/nn';

/** Which scenes to draw. */
export interface DrawOptions {
  readonly captions: readonly string[];
  readonly count: number;
  readonly seed: number | string;
}

/**
 * Indices of `count` scenes in seeded order, no two with the same caption.
 * @throws {LascauxError} when there are fewer distinct captions
 */
export function distinctDraw({ captions, count, seed }: DrawOptions): number[] {
  const seen = new Set<string>();
  const drawn: number[] = [];
  for (const index of randomStream(seed).permutation(captions.length)) {
    const caption = captions[index] ?? '';
    if (seen.has(caption)) continue;
    seen.add(caption);
    drawn.push(index);
    if (drawn.length === count) return drawn;
  }
  check(false, { operation: 'distinctDraw', rule: `needs ${count} distinct captions`, value: seen.size });
}
