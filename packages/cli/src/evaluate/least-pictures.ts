import type { EvaluateFlags } from './evaluate-flags.js';
import type { SetNeeds } from './set-needs.js';

/** The larger of what a metric cannot do without and what `--min` asks for. */
export function leastPictures(
  { min = 0 }: Pick<EvaluateFlags, 'min'>,
  needed: Pick<SetNeeds, 'minimum' | 'reason'>,
): Pick<SetNeeds, 'minimum' | 'reason'> {
  return min > needed.minimum ? { minimum: min, reason: `--min ${min}` } : needed;
}
