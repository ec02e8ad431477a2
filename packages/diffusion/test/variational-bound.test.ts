import { schedulerFromConfig } from '@lascaux/diffusion';
import {
  bitsPerDimension,
  continuousTerm,
  discreteTerm,
  priorTerm,
  stepTerm,
  variationalBound,
} from '@lascaux/diffusion/bound';
import { preservingLevel } from '@lascaux/diffusion/schedule';
import { randomStream } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';
import { gaussianDenoiser } from './helpers.js';

describe('the terms', () => {
  it('L_T is the divergence of two normals', () => {
    // KL(N(0.8, 0.36) ‖ N(0, 1)) = ½ (0.64 + 0.36 − 1 − ln 0.36)
    expect(priorTerm(Float64Array.of(1), preservingLevel(0, 0.64))).toBeCloseTo(-0.5 * Math.log(0.36), 14);
  });

  it('L_{t−1} vanishes for a perfect estimate with the variance of the posterior', () => {
    const [x0, from, to] = [Float64Array.of(1, -2), preservingLevel(2, 0.5), preservingLevel(1, 0.8)];
    expect(stepTerm({ x0, denoised: x0, from, to, variance: 'fixed_small' })).toBe(0);
    // β = 1 − 0.5/0.8, β̃ = β · 0.2/0.5: ½ (ln(β/β̃) + β̃/β − 1) each
    const each = 0.5 * (Math.log(2.5) + 0.4 - 1);
    expect(stepTerm({ x0, denoised: x0, from, to, variance: 'fixed_large' })).toBeCloseTo(2 * each, 12);
  });

  it('L_0 of one pixel spreads one unit of mass over all bins', () => {
    const mean = Float64Array.of(0.2);
    let mass = 0;
    for (let k = 0; k < 16; k++) {
      mass += Math.exp(-discreteTerm(Float64Array.of(-1 + (2 * k) / 15), mean, { deviation: 0.3, levels: 16 }));
    }
    expect(mass).toBeCloseTo(1, 12);
  });

  it('L_0 of fine bins is the density times their width', () => {
    const [x0, mean] = [Float64Array.of(0.1), Float64Array.of(0.3)];
    const discrete = discreteTerm(x0, mean, { deviation: 0.5, levels: 2001 });
    expect(discrete).toBeCloseTo(continuousTerm(x0, mean, 0.5) - Math.log(2 / 2000), 3);
  });

  it('L_0 far from the mean still counts', () => {
    // The bin reaches from 10 to 30 deviations, so its mass is the tail φ(10)/10 up to one part in 100.
    const nats = discreteTerm(Float64Array.of(0), Float64Array.of(-1), { deviation: 0.05, levels: 3 });
    expect(nats).toBeCloseTo(50 + Math.log(10 * Math.sqrt(2 * Math.PI)), 1);
  });

  it('bits', () => expect(bitsPerDimension(6 * Math.LN2, 3)).toBeCloseTo(2, 14));
});

describe('variationalBound', () => {
  const deviation = 0.5;
  const scheduler = schedulerFromConfig({ _class_name: 'DDPMScheduler' });
  const noiseSource = (size: number) => randomStream(11).normal(size);

  it('of Gaussian data with the exact denoiser lies above the entropy, with the large variance just above', async () => {
    // Every term is quadratic in x0 and noise, so means over ±1 standard deviation are the exact expectations.
    const x0 = Float64Array.of(deviation, deviation, -deviation, -deviation);
    const signs = Float64Array.of(1, -1, 1, -1);
    const run = { plan: scheduler.plan({ steps: 1000 }), noiseSource: () => signs };
    const large = await variationalBound(gaussianDenoiser(deviation), x0, { ...run, variance: 'fixed_large' });
    const small = await variationalBound(gaussianDenoiser(deviation), x0, { ...run, variance: 'fixed_small' });
    const entropy = 0.5 * Math.log(2 * Math.PI * Math.E * deviation ** 2);
    expect(large.steps).toHaveLength(999);
    expect(large.prior / 4).toBeLessThan(1e-4);
    expect(large.total / 4).toBeGreaterThan(entropy);
    expect(large.total / 4).toBeLessThan(entropy + 0.02);
    // β̃ of the last steps is far below the variance that the data leave there.
    expect(small.total).toBeGreaterThan(large.total);
    expect(large.total).toBeCloseTo(large.prior + large.reconstruction + large.steps.reduce((x, y) => x + y), 9);
  });

  it('needs a clean end and can be cancelled', async () => {
    const denoiser = gaussianDenoiser(deviation);
    const open = schedulerFromConfig({ _class_name: 'DDIMScheduler', set_alpha_to_one: false }).plan({ steps: 4 });
    await expect(variationalBound(denoiser, Float64Array.of(1), { plan: open, noiseSource })).rejects.toThrow(
      'must end at',
    );
    const run = { plan: scheduler.plan({ steps: 4 }), noiseSource, signal: AbortSignal.abort(new Error('stop')) };
    await expect(variationalBound(denoiser, Float64Array.of(1), run)).rejects.toThrow('stop');
  });
});
