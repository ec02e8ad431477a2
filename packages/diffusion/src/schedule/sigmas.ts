import { LascauxError } from '@lascaux/nn';
import { linspace } from '../numbers.js';
import { betaQuantile } from './beta-quantile.js';

/** Rounds each value of a computation to its precision: `Math.fround` for 32 bits. */
type Rounding = (value: number) => number;

const exactly: Rounding = (value) => value;

/** Noise-to-signal ratios σ_t = √((1 − ᾱ_t) / ᾱ_t) of a schedule, smallest first. */
export function noiseRatios(alphaBars: Float64Array, rounded: Rounding = exactly): number[] {
  return Array.from(alphaBars, (value) => {
    const alphaBar = rounded(value);
    return rounded(Math.sqrt(rounded(rounded(1 - alphaBar) / alphaBar)));
  });
}

/** A range of sigmas to be filled with `count` values, largest first. */
export interface SigmaRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly count: number;
}

/** Equally spaced in σ^(1/ρ), ρ = 7 (Karras et al. 2022, eq. 5). */
export function karrasSigmas({ minimum, maximum, count }: SigmaRange, rho = 7): number[] {
  const [low, high] = [minimum ** (1 / rho), maximum ** (1 / rho)];
  return linspace(0, 1, count).map((ramp) => (high + ramp * (low - high)) ** rho);
}

/** Equally spaced in log σ. */
export function exponentialSigmas({ minimum, maximum, count }: SigmaRange): number[] {
  return linspace(Math.log(maximum), Math.log(minimum), count).map(Math.exp);
}

/** Quantiles of Beta(0.6, 0.6) stretched over the range: dense at both ends (Lee et al. 2024). */
export function betaSigmas({ minimum, maximum, count }: SigmaRange): number[] {
  return linspace(0, 1, count).map((ramp) => minimum + betaQuantile(1 - ramp, 0.6, 0.6) * (maximum - minimum));
}

/** Which spacing of sigmas a config asks for. */
export interface SigmaSpacingConfig {
  readonly use_karras_sigmas: boolean;
  readonly use_exponential_sigmas: boolean;
  readonly use_beta_sigmas: boolean;
}

/**
 * The spacing that a config asks for, undefined for the one that follows from the timesteps.
 * @throws LascauxError when it asks for two.
 */
export function sigmaSpacing(config: SigmaSpacingConfig): ((range: SigmaRange) => number[]) | undefined {
  const chosen = (
    [
      ['use_karras_sigmas', karrasSigmas],
      ['use_exponential_sigmas', exponentialSigmas],
      ['use_beta_sigmas', betaSigmas],
    ] as const
  ).filter(([key]) => config[key]);
  if (chosen.length > 1) {
    throw new LascauxError({
      operation: 'scheduler config',
      rule: `at most one spacing of sigmas, got ${chosen.map(([key]) => key).join(' and ')}`,
    });
  }
  const spacing = chosen[0]?.[1];
  return spacing && ((range) => spacing(range));
}

/** The (fractional) timestep of a sigma: linear between the logarithms of the table (rounded), held at its ends. */
export function timestepOfSigma(sigma: number, table: readonly number[], rounded: Rounding = exactly): number {
  const log = (ratio: number): number => rounded(Math.log(ratio));
  const logSigma = Math.log(Math.max(sigma, 1e-10));
  let low = 0;
  while (low < table.length - 2 && log(table[low + 1]!) <= logSigma) low++;
  const [below, above] = [log(table[low]!), log(table[low + 1]!)];
  const share = Math.min(1, Math.max(0, (below - logSigma) / (below - above)));
  return (1 - share) * low + share * (low + 1);
}
