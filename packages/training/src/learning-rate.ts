import { check } from '@lascaux/nn';

/** A learning rate over the course of a run, in images seen. */
export interface LearningRateOptions {
  /** The highest rate, reached after the warm-up. */
  readonly peak: number;
  /** Images of linear warm-up from 0; default 0. */
  readonly warmup?: number;
  /** The shape after the warm-up; default `constant`. */
  readonly decay?: 'constant' | 'linear' | 'cosine';
  /** Images at which the decay begins; default: the end of the warm-up. */
  readonly decayFrom?: number;
  /** Images at which the decay has reached the floor. */
  readonly total: number;
  /** The last rate, as a share of the peak; default 0. */
  readonly floor?: number;
}

/**
 * The learning rate as a pure function of images seen: linear warm-up, then constant, then linear or cosine decay to the floor
 * (Loshchilov & Hutter 2017, "SGDR", equation 5, without restarts).
 * @throws {LascauxError} when a number is out of range
 */
export function learningRate({
  peak,
  warmup = 0,
  decay = 'constant',
  decayFrom = warmup,
  total,
  floor = 0,
}: LearningRateOptions): (imagesSeen: number) => number {
  const rule = (condition: boolean, text: string, value: number): void =>
    check(condition, { operation: 'learningRate', rule: text, value, kind: 'usage' });
  rule(peak > 0 && Number.isFinite(peak), 'peak must be above 0', peak);
  rule(warmup >= 0, 'warmup must not be negative', warmup);
  rule(decayFrom >= warmup, 'decayFrom must not lie inside the warm-up', decayFrom);
  rule(decay === 'constant' || total > decayFrom, 'total must lie after the start of the decay', total);
  rule(floor >= 0 && floor <= 1, 'floor must lie in [0, 1]', floor);
  return (imagesSeen) => {
    if (imagesSeen < warmup) return (peak * imagesSeen) / warmup;
    if (decay === 'constant') return peak;
    const progress = Math.min(1, Math.max(0, (imagesSeen - decayFrom) / (total - decayFrom)));
    const left = decay === 'linear' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
    return peak * (floor + (1 - floor) * left);
  };
}
