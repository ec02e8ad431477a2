import { finishedVae } from '@lascaux/train-mini';
import { expect, it } from 'vitest';

it('begins with the VAE that the repository keeps where no run has made one', async () => {
  const { weights, scaling } = await finishedVae('/no/such/runs');
  expect(weights.get('decoder.conv_in.weight')).toHaveLength(128 * 32 * 9);
  expect([...weights.values()].every((values) => values.every(Number.isFinite))).toBe(true);
  expect(scaling.scalingFactor).toBeGreaterThan(0.1);
});
