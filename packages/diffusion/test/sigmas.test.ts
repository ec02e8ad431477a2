import {
  betaSigmas,
  exponentialSigmas,
  karrasSigmas,
  muForTokens,
  shiftSigma,
  shiftSigmaByMu,
  stretchToTerminal,
} from '@lascaux/diffusion/schedule';
import { describe, expect, it } from 'vitest';

const range = { minimum: 0.1, maximum: 10, count: 5 };

describe('spacings of sigmas', () => {
  it.each([karrasSigmas, exponentialSigmas, betaSigmas])('%o falls from the maximum to the minimum', (spacing) => {
    const sigmas = spacing(range);
    expect(sigmas[0]).toBeCloseTo(10, 12);
    expect(sigmas[4]).toBeCloseTo(0.1, 12);
    expect(sigmas.every((sigma, i) => i === 0 || sigma < sigmas[i - 1]!)).toBe(true);
  });

  it('exponential has equal ratios', () => {
    const sigmas = exponentialSigmas(range);
    sigmas.slice(1).forEach((sigma, i) => expect(sigma / sigmas[i]!).toBeCloseTo(0.01 ** (1 / 4), 12));
  });

  it('karras is linear in the seventh root', () => {
    const roots = karrasSigmas(range).map((sigma) => sigma ** (1 / 7));
    expect(roots[2]).toBeCloseTo((roots[0]! + roots[4]!) / 2, 12);
  });

  it('beta is symmetric about the middle', () => {
    const sigmas = betaSigmas(range);
    expect(sigmas[2]).toBeCloseTo(5.05, 12);
    expect(sigmas[1]! + sigmas[3]!).toBeCloseTo(10.1, 12);
    // The quartile of Beta(0.6, 0.6), by quadrature of its density.
    expect(quantileByQuadrature(0.25)).toBeCloseTo((sigmas[3]! - 0.1) / 9.9, 5);
  });
});

/** Quantile of Beta(0.6, 0.6): with x = sin²θ the density is |sin 2θ|^0.2, which sums well. */
function quantileByQuadrature(p: number): number {
  const cells = 200_000;
  const weight = (i: number) => Math.abs(Math.sin(((i + 0.5) / cells) * Math.PI)) ** 0.2;
  let total = 0;
  for (let i = 0; i < cells; i++) total += weight(i);
  let [sum, i] = [0, 0];
  while (sum < p * total) sum += weight(i++);
  return Math.sin(((i / cells) * Math.PI) / 2) ** 2;
}

describe('shifts of flow sigmas', () => {
  it('keep 0 and 1', () => {
    expect([shiftSigma(0, 3), shiftSigma(1, 3), shiftSigmaByMu(1, 0.7, 'exponential')]).toEqual([0, 1, 1]);
  });

  it('by mu is the shift exp(mu)', () => {
    expect(shiftSigmaByMu(0.3, Math.log(3), 'exponential')).toBeCloseTo(shiftSigma(0.3, 3), 14);
    expect(shiftSigmaByMu(0.3, 3, 'linear')).toBeCloseTo(shiftSigma(0.3, 3), 14);
  });

  it('mu passes through its two anchors', () => {
    expect(muForTokens(256)).toBeCloseTo(0.5, 14);
    expect(muForTokens(4096)).toBeCloseTo(1.15, 14);
  });

  it('stretching ends at the terminal', () => {
    const sigmas = stretchToTerminal([1, 0.5, 0.2], 0.1);
    expect(sigmas[0]).toBe(1);
    expect(sigmas[2]).toBeCloseTo(0.1, 14);
  });
});
