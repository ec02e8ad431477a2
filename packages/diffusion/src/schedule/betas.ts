import { linspace } from '../numbers.js';

/** Names of the noise schedules, as in diffusers' `beta_schedule`. */
export const betaScheduleNames = ['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid', 'laplace', 'exp'] as const;

/** One of {@link betaScheduleNames}. */
export type BetaScheduleName = (typeof betaScheduleNames)[number];

/** Variances β_t added at each of T timesteps, from their two ends and a curve. */
export interface BetaOptions {
  readonly schedule: BetaScheduleName;
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/**
 * β_t of a named schedule.
 * linear: Ho et al. 2020; scaled_linear: latent diffusion (linear in √β); squaredcos_cap_v2: Nichol and Dhariwal 2021, eq. 17;
 * sigmoid: GeoDiff (Xu et al. 2022); laplace: Hang et al. 2024; exp: ᾱ(t) = exp(−12 t).
 */
export function betas({ schedule, count, start, end }: BetaOptions): Float64Array {
  switch (schedule) {
    case 'linear':
      return Float64Array.from(linspace(start, end, count));
    case 'scaled_linear':
      return Float64Array.from(linspace(Math.sqrt(start), Math.sqrt(end), count), (root) => root ** 2);
    case 'sigmoid':
      return Float64Array.from(linspace(-6, 6, count), (u) => (end - start) / (1 + Math.exp(-u)) + start);
    case 'squaredcos_cap_v2':
      return betasFromCurve(count, (t) => Math.cos(((t + 0.008) / 1.008) * (Math.PI / 2)) ** 2);
    case 'laplace':
      return betasFromCurve(count, laplaceCurve);
    case 'exp':
      return betasFromCurve(count, (t) => Math.exp(-12 * t));
  }
}

/** β_i = 1 − ᾱ((i+1)/T) / ᾱ(i/T), at most 0.999 so that the last step stays invertible. */
function betasFromCurve(count: number, alphaBar: (t: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999),
  );
}

/** Log signal-to-noise ratio distributed as Laplace(0, 1); diffusers takes the root of its ᾱ once more, and so do we. */
function laplaceCurve(t: number): number {
  const logRatio = -0.5 * (t <= 0.5 ? 1 : -1) * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6);
  const ratio = Math.exp(logRatio);
  return Math.sqrt(ratio / (1 + ratio));
}

/** ᾱ_t = Π (1 − β_s), s ≤ t. */
export function cumulativeAlphas(betaValues: ArrayLike<number>): Float64Array {
  let product = 1;
  return Float64Array.from(betaValues, (beta) => (product *= 1 - beta));
}

/**
 * ᾱ_t shifted and stretched in √ᾱ so that the last one is 0 and the first one stays (Lin et al. 2023, Algorithm 1).
 */
export function zeroTerminalAlphas(alphaBars: Float64Array): Float64Array {
  const first = Math.sqrt(alphaBars[0]!);
  const last = Math.sqrt(alphaBars[alphaBars.length - 1]!);
  return alphaBars.map((alphaBar) => ((Math.sqrt(alphaBar) - last) * (first / (first - last))) ** 2);
}

/** β_t that give these ᾱ_t. */
export function betasFromAlphas(alphaBars: Float64Array): Float64Array {
  return alphaBars.map((alphaBar, i) => 1 - (i === 0 ? alphaBar : alphaBar / alphaBars[i - 1]!));
}
