import { SETTING_RANGES } from '@lascaux/models/naming';
import { check } from '@lascaux/nn';
import { checkOption } from './check-options.js';
import type { PictureSize } from './value-types.js';

/** What a model's graphs allow: sizes in multiples, up to some size, or only one size. */
export interface SizeRules {
  readonly multiple: number;
  readonly largest?: number;
  readonly fixedWidth?: number;
  readonly fixedHeight?: number;
}

/**
 * Checks that a model can paint a picture of this size.
 * @throws LascauxError (usage) naming width or height.
 */
export function checkSize(size: PictureSize, { multiple, largest, fixedWidth, fixedHeight }: SizeRules): void {
  const sides = [
    { option: 'width', value: size.width, fixed: fixedWidth },
    { option: 'height', value: size.height, fixed: fixedHeight },
  ] as const;
  for (const { option, value, fixed } of sides) {
    checkOption(option, value);
    const facts = { option, value, kind: 'usage' } as const;
    check(fixed === undefined || value === fixed, {
      ...facts,
      rule: 'this model paints one size',
      accepted: String(fixed),
    });
    check(value % multiple === 0, {
      ...facts,
      rule: `must be a multiple of ${multiple} for this model`,
      accepted: nearestMultiples(value, multiple).map(String),
    });
    check(largest === undefined || value <= largest, { ...facts, rule: `must be at most ${largest} for this model` });
  }
}

/** The accepted sizes below and above. */
function nearestMultiples(value: number, multiple: number): number[] {
  const below = Math.floor(value / multiple) * multiple;
  return [below, below + multiple].filter((side) => side > 0 && side <= SETTING_RANGES.side.maximum);
}

/**
 * The size at which a model paints from a picture: the picture's shape, about as many pixels as the model's own size,
 * both sides in multiples that the model can paint, up to the largest.
 */
export function sizeLike(
  picture: PictureSize,
  model: PictureSize,
  { multiple, largest = Infinity }: Pick<SizeRules, 'multiple' | 'largest'>,
): PictureSize {
  const ratio = Math.sqrt((model.width * model.height) / (picture.width * picture.height));
  const side = (pixels: number): number =>
    Math.min(largest, Math.max(1, Math.round((pixels * ratio) / multiple)) * multiple);
  return { width: side(picture.width), height: side(picture.height) };
}
