import { divergenceNats, reconstructionNats, squaredError } from '@lascaux/figures';
import { describe, expect, it } from 'vitest';

describe('the terms of the ELBO', () => {
  it('is log √(2π) a value for a perfect picture under unit variance', () => {
    expect(reconstructionNats(0, { dimensions: 10, logVariance: 0 })).toBeCloseTo(10 * 0.9189385332, 8);
  });

  it('adds half the squared error over the variance', () => {
    const model = { dimensions: 4, logVariance: Math.log(0.25) };
    expect(reconstructionNats(2, model) - reconstructionNats(0, model)).toBeCloseTo(4, 10);
  });

  it('is least at the variance that equals the mean squared error', () => {
    const nats = (variance: number) => reconstructionNats(3, { dimensions: 12, logVariance: Math.log(variance) });
    expect(nats(0.25)).toBeLessThan(nats(0.24));
    expect(nats(0.25)).toBeLessThan(nats(0.26));
  });

  it('has no divergence from the prior itself', () => {
    expect(divergenceNats({ mean: new Float32Array(3), logVariance: new Float32Array(3) })).toBe(0);
  });

  it('has the divergence of two Gaussians in closed form', () => {
    // KL(N(1, 4) ‖ N(0, 1)) = ½ (1 + 4 − 1 − log 4)
    const posterior = { mean: Float32Array.of(1), logVariance: Float32Array.of(Math.log(4)) };
    expect(divergenceNats(posterior)).toBeCloseTo(0.5 * (4 - Math.log(4)), 6);
  });

  it('refuses pictures of two sizes', () => {
    expect(squaredError(Float32Array.of(1, 2), Float32Array.of(0, 4))).toBe(5);
    expect(() => squaredError(new Float32Array(3), new Float32Array(2))).toThrow('squaredError: needs 3 values, got 2');
  });
});
