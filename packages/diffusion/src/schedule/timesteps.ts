import { descending, linspace, roundHalfEven } from '../numbers.js';

/** Names of the ways to pick timesteps (Lin et al. 2023, Table 2). */
export const timestepSpacings = ['leading', 'linspace', 'trailing'] as const;

/** One of {@link timestepSpacings}. */
export type TimestepSpacing = (typeof timestepSpacings)[number];

/** How to pick `count` of `total` timesteps. */
export interface SpacingOptions {
  readonly spacing: TimestepSpacing;
  readonly count: number;
  readonly total: number;
  /** Added to every timestep with leading spacing (diffusers' `steps_offset`). */
  readonly offset: number;
}

/**
 * Timesteps from the noisiest to the cleanest.
 * leading: i·⌊T/n⌋ + offset; linspace: n points from 0 to T − 1, rounded; trailing: round(T − i·T/n) − 1, in NumPy's arithmetic.
 * Why: docs/decisions/0127.
 */
export function spacedTimesteps({ spacing, count, total, offset }: SpacingOptions): number[] {
  switch (spacing) {
    case 'leading':
      return leadingTimesteps(count, Math.floor(total / count), offset);
    case 'linspace':
      return linspace(0, total - 1, count)
        .map(roundHalfEven)
        .reverse();
    case 'trailing':
      // Where n · (T/n) rounds to below T, one point too many would follow.
      return descending(total, 0, total / count)
        .slice(0, count)
        .map((point) => roundHalfEven(point) - 1);
  }
}

/** i·ratio + offset for i = count − 1 … 0. */
export function leadingTimesteps(count: number, ratio: number, offset: number): number[] {
  return Array.from({ length: count }, (_, i) => (count - 1 - i) * ratio + offset);
}
