import { randomStream, trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { finishedVae, painterVaeConfig, weighedVae } from '@lascaux/train-mini';
import { autoencoder, posteriorValues } from '@lascaux/vae/train';
import { describe, expect, it } from 'vitest';

it('begins with the VAE that the repository keeps where no run has made one', async () => {
  const { weights, scaling } = await finishedVae('/no/such/runs');
  expect(weights.get('decoder.conv_in.weight')).toHaveLength(128 * 32 * 9);
  expect([...weights.values()].every((values) => values.every(Number.isFinite))).toBe(true);
  expect(scaling.scalingFactor).toBeGreaterThan(0.1);
});

describe('a VAE whose channels are weighed', () => {
  it('has larger latents, and decodes them to the same images', async () => {
    const { weights } = await finishedVae('/no/such/runs');
    const channels = Array.from({ length: 32 }, (_, c) => 0.5 + c / 16);
    const engine = onnxEngine({ threads: 1 });
    const shapes = { pixels: { shape: [1, 3, 64, 64] }, latent: { shape: [1, 32, 2, 2] } };
    const { encode, decode } = autoencoder(painterVaeConfig);
    const program = trace(shapes, (scope, { pixels, latent }) => {
      const { mean, logVariance } = posteriorValues(encode(scope, pixels));
      return { mean, logVariance, image: decode(scope, latent) };
    });
    const executable = await engine.compile(program);
    const pixels = randomStream(1).normal(3 * 64 * 64);
    const run = async (own: typeof weights, latent: Float32Array) => {
      const parameters = program.inputs.flatMap(({ name, parameter }) =>
        parameter === undefined ? [] : [[name, engine.upload(own.get(parameter.name)!, parameter.shape)] as const],
      );
      const outputs = await executable.run({
        ...Object.fromEntries(parameters),
        pixels: engine.upload(pixels, shapes.pixels.shape),
        latent: engine.upload(latent, shapes.latent.shape),
      });
      const read = async (name: string): Promise<readonly number[]> => [
        ...((await outputs[name]!.read()) as Float32Array),
      ];
      return { mean: await read('mean'), logVariance: await read('logVariance'), image: await read('image') };
    };
    const of = (i: number): number => channels[Math.floor(i / 4)]!;
    const latent = randomStream(2).normal(32 * 4);
    const before = await run(weights, latent);
    const after = await run(
      weighedVae(weights, channels),
      latent.map((value, i) => of(i) * value),
    );
    const largest = (differences: readonly number[]): number => Math.max(...differences.map(Math.abs));
    expect(largest(after.mean.map((value, i) => value - of(i) * before.mean[i]!))).toBeLessThan(1e-3);
    expect(largest(after.logVariance.map((v, i) => v - 2 * Math.log(of(i)) - before.logVariance[i]!))).toBeLessThan(
      1e-3,
    );
    expect(largest(after.image.map((value, i) => value - before.image[i]!))).toBeLessThan(1e-3);
  });
});
