import type { SetNeeds } from './set-needs.js';

/** The larger of what a metric cannot do without and what `minimum` asks for. */
export function leastPictures(
  minimum: number | undefined,
  needed: Pick<SetNeeds, 'minimum' | 'reason' | 'option'>,
): Pick<SetNeeds, 'minimum' | 'reason' | 'option'> {
  const isMore = minimum !== undefined && minimum > needed.minimum;
  return isMore ? { minimum, reason: 'as was asked for', option: 'minimum' } : needed;
}
