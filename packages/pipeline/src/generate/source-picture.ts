import { check } from '@lascaux/nn';
import type { Mask, Picture } from '../image/picture.js';

/** Options of painting from a picture. */
export interface SourceOptions {
  /** The picture to start from, of the size that is painted. */
  readonly image?: Picture;
  /** How far back towards noise to go, above 0 and up to 1. Default 0.8, with a mask 1. */
  readonly strength?: number;
  readonly mask?: Mask;
}

/** A picture to start from, with everything checked. */
export interface Source {
  readonly image: Picture;
  readonly mask: Mask | undefined;
  readonly strength: number;
  /** Leading steps of the plan that are left out. */
  readonly begin: number;
}

const STRENGTH = 0.8;
const STRENGTH_WITH_MASK = 1;

/**
 * Checks the picture and the mask that a call starts from.
 * @param leadingSteps how many steps are left out, by the family's way of counting
 * @throws LascauxError (usage) when a size does not match, the mask has no picture, or no step would be left.
 */
export function resolveSource(
  { image, mask, strength }: SourceOptions,
  { width, height, steps }: { width: number; height: number; steps: number },
  leadingSteps: (steps: number, strength: number) => number,
): Source | undefined {
  if (image === undefined) {
    const given = mask === undefined ? strength : 'a mask';
    check(given === undefined, {
      ...facts('image'),
      rule: 'mask and strength need a picture to start from',
      value: given,
    });
    return undefined;
  }
  checkPixels('image', { ...image, length: image.pixels.length / 3 }, { width, height });
  if (mask !== undefined) checkPixels('mask', { ...mask, length: mask.values.length }, { width, height });
  const amount = strength ?? (mask === undefined ? STRENGTH : STRENGTH_WITH_MASK);
  check(amount > 0 && amount <= 1, { ...facts('strength'), rule: 'must be above 0 and at most 1', value: amount });
  const begin = leadingSteps(steps, amount);
  check(begin < steps, { ...facts('strength'), rule: `must leave at least one of ${steps} steps`, value: amount });
  return { image, mask, strength: amount, begin };
}

const facts = (option: string) => ({ operation: `generate: ${option}`, kind: 'usage' }) as const;

function checkPixels(
  option: string,
  given: { width: number; height: number; length: number },
  { width, height }: { width: number; height: number },
): void {
  check(given.width === width && given.height === height && given.length === width * height, {
    ...facts(option),
    rule: `must be ${width}x${height} pixels, as what is painted`,
    value: `${given.width}x${given.height} with ${given.length} pixels`,
  });
}

/** Whether a mask's value says to repaint. */
export const isRepainted = (value: number): boolean => value >= 128;

/** The mask at the latent's size, 1 = repaint: the upper left pixel of each cell decides (nearest, as diffusers). */
export function latentMask({ values, width, height }: Mask, factor: number): Float32Array {
  const columns = width / factor;
  const cells = new Float32Array(columns * (height / factor));
  return cells.map((_, cell) => {
    const pixel = Math.floor(cell / columns) * factor * width + (cell % columns) * factor;
    return isRepainted(values[pixel] as number) ? 1 : 0;
  });
}

/** The picture with everything that will be repainted made grey, as inpainting networks were trained to see it. */
export function hideMasked(image: Float32Array, { values }: Mask): Float32Array {
  return image.map((value, i) => (isRepainted(values[i % values.length] as number) ? 0 : value));
}
