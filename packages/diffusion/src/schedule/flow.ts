/** σ' = s·σ / (1 + (s − 1)·σ): more of the run at high noise for s > 1 (Esser et al. 2024, eq. 23). */
export function shiftSigma(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}

/** How a schedule moves with image size: by exp(mu), or by mu itself. */
export type TimeShift = 'exponential' | 'linear';

/** σ' = m / (m + 1/σ − 1), m = exp(mu) or mu (Flux). */
export function shiftSigmaByMu(sigma: number, mu: number, kind: TimeShift): number {
  const m = kind === 'exponential' ? Math.exp(mu) : mu;
  return m / (m + (1 / sigma - 1));
}

/** Stretches 1 − σ so that the last sigma is `terminal`. */
export function stretchToTerminal(sigmas: readonly number[], terminal: number): number[] {
  const factor = (1 - sigmas.at(-1)!) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / factor);
}

/** Where mu stands at two image sizes. */
export interface MuOptions {
  readonly baseTokens?: number;
  readonly maximumTokens?: number;
  readonly baseShift?: number;
  readonly maximumShift?: number;
}

/** mu of an image of so many tokens: a straight line through (256, 0.5) and (4096, 1.15) by default (Flux). */
export function muForTokens(tokens: number, options: MuOptions = {}): number {
  const { baseTokens = 256, maximumTokens = 4096, baseShift = 0.5, maximumShift = 1.15 } = options;
  const slope = (maximumShift - baseShift) / (maximumTokens - baseTokens);
  return tokens * slope + baseShift - slope * baseTokens;
}
