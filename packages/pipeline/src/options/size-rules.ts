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
    check(value % multiple === 0, {
      ...facts,
      rule: `must be a multiple of ${multiple} for this model`,
      accepted: nearestMultiples(value, multiple).map(String),
    });
    check(largest === undefined || value <= largest, { ...facts, rule: `must be at most ${largest} for this model` });
    check(fixed === undefined || value === fixed, {
      ...facts,
      rule: 'this model paints one size',
      accepted: String(fixed),
    });
  }
}

/** The accepted sizes below and above. */
function nearestMultiples(value: number, multiple: number): number[] {
  const below = Math.floor(value / multiple) * multiple;
  return [below, below + multiple].filter((side) => side > 0 && side <= SETTING_RANGES.side.maximum);
}
