import { LascauxError } from '@lascaux/nn';
import { subset, type ImageSet } from './image-set.js';
import { hashText } from './random.js';

/**
 * Sets a share of the pictures aside: those whose seeded hash of the file name is below `share`. A picture stays on its
 * side when others are added or removed. Throws when a side would be empty.
 */
export function splitSet(
  set: ImageSet,
  { share, seed = 0 }: { share: number; seed?: number },
): { train: ImageSet; test: ImageSet } {
  if (!(share > 0 && share < 1))
    throw new LascauxError({ operation: 'split', rule: 'share must be between 0 and 1', value: share });
  const train: number[] = [];
  const test: number[] = [];
  for (let i = 0; i < set.length; i++) {
    const isTest = hashText(`split/${seed}/${set.fileName(i)}`) / 2 ** 32 < share;
    (isTest ? test : train).push(i);
  }
  if (train.length === 0 || test.length === 0) {
    throw new LascauxError({
      operation: 'split',
      rule: `both sides must hold a picture, got ${train.length} and ${test.length}`,
    });
  }
  return { train: subset(set, train), test: subset(set, test) };
}
