import type { ImageSet } from './image-set.js';
import { randomStream } from './random.js';

/** The order of epoch `epoch`: a permutation of 0…length−1 that depends on these three numbers alone (Fisher–Yates). */
export function epochOrder(length: number, seed: number, epoch: number): Uint32Array {
  const random = randomStream(`epoch/${seed}/${epoch}/${length}`);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/**
 * The endless stream of shuffled indices, addressed by position: position p is entry p mod length of epoch ⌊p / length⌋.
 * So a run is resumed exactly by the number of images it has seen, whatever its batch size was.
 */
export function shuffledIndices(length: number, seed: number): (position: number) => number {
  let epoch = -1;
  let order: Uint32Array = new Uint32Array(0);
  return (position) => {
    const wanted = Math.floor(position / length);
    if (wanted !== epoch) {
      order = epochOrder(length, seed, wanted);
      epoch = wanted;
    }
    return order[position % length]!;
  };
}

/** Which image of a set a run takes at a position: shuffled anew for each epoch, or in the set's own order where its images are made. */
export const indexOrder = ({ length, isGenerated }: ImageSet, seed: number): ((position: number) => number) =>
  isGenerated === true ? (position) => position % length : shuffledIndices(length, seed);
