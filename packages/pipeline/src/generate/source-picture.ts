import { check } from '@lascaux/nn';
import type { Mask, Picture } from '../image/picture.js';
import type { GenerateOptions, ResolvedOptions } from '../options/generate-options.js';

/** A picture to start from, with everything checked. */
export interface Source {
  readonly image: Picture;
  readonly mask: Mask | undefined;
  readonly strength: number;
  /** Leading steps of the plan that are left out. */
  readonly begin: number;
}

/**
 * Checks the picture and the mask that a call starts from.
 * @param call the sizes of both, strength and steps, with defaults filled in
 * @param leadingSteps how many steps are left out, by the family's way of counting
 * @throws LascauxError (usage) when a size does not match, or no step would be left.
 */
export function resolveSource(
  { image, mask, ...call }: ResolvedOptions & Pick<GenerateOptions, 'image' | 'mask'>,
  leadingSteps: (steps: number, strength: number) => number,
): Source | undefined {
  const { steps, strength } = call;
  if (image === undefined || strength === undefined) return undefined;
  checkPixels('image', { ...image, length: image.pixels.length / 3 }, call);
  if (mask !== undefined) checkPixels('mask', { ...mask, length: mask.values.length }, call);
  const begin = leadingSteps(steps, strength);
  const rule = `must leave at least one of ${steps} steps`;
  check(begin < steps, { option: 'strength', rule, value: strength, kind: 'usage' });
  return { image, mask, strength, begin };
}

function checkPixels(
  option: string,
  given: { width: number; height: number; length: number },
  { width, height }: { width: number; height: number },
): void {
  check(given.width === width && given.height === height && given.length === width * height, {
    option,
    kind: 'usage',
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
