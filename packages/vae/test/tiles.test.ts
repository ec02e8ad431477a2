import { tiledDecoder, tiledEncoder, type VaeConfig, type VaeDecoder, type VaeEncoder } from '@lascaux/vae';
import { describe, expect, it } from 'vitest';

const FACTOR = 8;
const config: VaeConfig = {
  latentChannels: 2,
  spatialFactor: FACTOR,
  scaling: { scalingFactor: 1, shiftFactor: 0 },
};
const tiling = { above: 64 * 64, side: 64, overlap: 32 };

/** Decodes each cell to a square of its number, in three channels. */
function squares(sizes: string[] = []): VaeDecoder {
  const decode = (latent: Float32Array, { width, height }: { width: number; height: number }) => {
    sizes.push(`${width}x${height}`);
    const image = Float32Array.from({ length: 3 * width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width) % height];
      return latent[Math.floor(y / FACTOR) * (width / FACTOR) + Math.floor(x / FACTOR)]!;
    });
    return Promise.resolve(image);
  };
  return { config, decode, dispose: () => Promise.resolve() };
}

/** Encodes each square of pixels to the mean of its first channel, and a log variance of minus that. */
function means(sizes: string[] = []): VaeEncoder {
  const posterior = (image: Float32Array, { width, height }: { width: number; height: number }) => {
    sizes.push(`${width}x${height}`);
    const [columns, rows] = [width / FACTOR, height / FACTOR];
    const mean = Float32Array.from({ length: 2 * columns * rows }, (_, i) => {
      const cell = i % (columns * rows);
      return image[Math.floor(cell / columns) * FACTOR * width + (cell % columns) * FACTOR]!;
    });
    return Promise.resolve({ mean, logVariance: mean.map((value) => -value) });
  };
  return {
    config,
    samplesInside: false,
    posterior,
    encode: async (image, size) => (await posterior(image, size)).mean,
    dispose: () => Promise.resolve(),
  };
}

describe('tiles', () => {
  const size = { width: 160, height: 88 };
  const latent = Float32Array.from({ length: 2 * 20 * 11 }, (_, i) => Math.sin(i));

  it('of a decoder that sees one cell at a time make the same image', async () => {
    const sizes: string[] = [];
    const image = await tiledDecoder(squares(sizes), tiling).decode(latent, size);
    const whole = await squares().decode(latent, size);
    expect(Math.max(...image.map((value, i) => Math.abs(value - whole[i]!)))).toBeLessThan(1e-6);
    // 20 cells in tiles of 8 that share 4, 11 cells likewise.
    expect(sizes).toEqual(Array.from({ length: 4 * 2 }, () => '64x64'));
  });

  it('of an encoder make the same posterior, from which a sample is drawn once', async () => {
    const image = await squares().decode(latent, size);
    const sizes: string[] = [];
    const { mean, logVariance } = await tiledEncoder(means(sizes), tiling).posterior(image, size);
    const whole = await means().posterior(image, size);
    expect(sizes).toHaveLength(8);
    expect(Math.max(...mean.map((value, i) => Math.abs(value - whole.mean[i]!)))).toBeLessThan(1e-6);
    expect(Math.max(...logVariance.map((value, i) => Math.abs(value - whole.logVariance[i]!)))).toBeLessThan(1e-6);
    let draws = 0;
    const noiseSource = (count: number): Float32Array => (draws++, new Float32Array(count).fill(1));
    const sample = await tiledEncoder(means(), tiling).encode(image, { ...size, noiseSource });
    expect(draws).toBe(1);
    expect(sample[3]).toBeCloseTo(mean[3]! + Math.exp(0.5 * logVariance[3]!), 5);
  });

  it('are not made of an image that is small enough, nor longer than a side that is short', async () => {
    const sizes: string[] = [];
    await tiledDecoder(squares(sizes), tiling).decode(latent.slice(0, 2 * 64), { width: 64, height: 64 });
    await tiledDecoder(squares(sizes), tiling).decode(latent.slice(0, 2 * 80), { width: 320, height: 16 });
    expect(sizes).toEqual(['64x64', ...Array.from({ length: 9 }, () => '64x16')]);
  });
});
