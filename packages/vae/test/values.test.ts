import {
  bytesToImage,
  feedTensor,
  imageToBytes,
  parseVaeConfig,
  posteriorFromParameters,
  samplePosterior,
  scaleLatent,
  unscaleLatent,
} from '@lascaux/vae';
import { describe, expect, it } from 'vitest';

describe('feedTensor', () => {
  const metadata = (type: 'int32' | 'int64' | 'float16' | 'bool') =>
    ({ name: 'x', isTensor: true, type, shape: [] }) as const;

  it('casts to the declared type', () => {
    expect([...(feedTensor(metadata('int64'), Float32Array.of(7, -2), [2]).data as BigInt64Array)]).toEqual([7n, -2n]);
    expect(feedTensor(metadata('int32'), Float32Array.of(7), [1]).data).toEqual(Int32Array.of(7));
    expect(feedTensor(metadata('float16'), Float32Array.of(1), []).dims).toEqual([]);
  });

  it('refuses a type it does not know', () => {
    expect(() => feedTensor(metadata('bool'), Float32Array.of(1), [])).toThrow('input x must be of a known type');
  });
});

describe('posterior', () => {
  it('splits mean and log-variance and samples', () => {
    const posterior = posteriorFromParameters(Float32Array.of(1, 2, 0, 100));
    expect(posterior).toEqual({ mean: Float32Array.of(1, 2), logVariance: Float32Array.of(0, 20) });
    expect(samplePosterior(posterior, [2, 0])).toEqual(Float32Array.of(3, 2));
  });

  it('refuses an odd length and wrong noise', () => {
    expect(() => posteriorFromParameters(new Float32Array(3))).toThrow('same size');
    expect(() => samplePosterior({ mean: new Float32Array(2), logVariance: new Float32Array(2) }, [1])).toThrow(
      '2 values',
    );
  });
});

describe('latent scaling', () => {
  const measured = { scalingFactor: 2, shiftFactor: 0, mean: [1, -1], deviation: [4, 0.5] };

  it('uses mean and deviation of each channel', () => {
    // 2 · (5 − 1) / 4 and 2 · (0 + 1) / 0.5
    expect([...scaleLatent(Float32Array.of(5, 1, 0, -1), 2, measured)]).toEqual([2, 0, 4, 0]);
  });

  it('is undone by unscaleLatent', () => {
    const raw = Float32Array.of(0.5, -3, 8, 2);
    expect([...unscaleLatent(scaleLatent(raw, 2, measured), 2, measured)]).toEqual([...raw]);
  });

  it('refuses a latent of another channel count', () => {
    expect(() => scaleLatent(new Float32Array(5), 2, measured)).toThrow('2 channels');
  });
});

describe('pixels', () => {
  it('clamps, rounds and interleaves', () => {
    const image = Float32Array.of(-1, 2, 0, -9, 1, 0.5);
    expect([...imageToBytes(image, { width: 2, height: 1 })]).toEqual([0, 128, 255, 255, 0, 191]);
  });

  it('keeps every byte through a round trip', () => {
    const bytes = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
    expect(imageToBytes(bytesToImage(bytes, { width: 16, height: 16 }), { width: 16, height: 16 })).toEqual(bytes);
  });

  it('refuses values that are not numbers, and a wrong size', () => {
    const size = { width: 1, height: 1 };
    expect(() => imageToBytes(Float32Array.of(0, Number.NaN, 0), size)).toThrow(/decode: .* got NaN/);
    expect(() => imageToBytes(new Float32Array(4), size)).toThrow('3 values');
  });
});

describe('parseVaeConfig', () => {
  it('reads the keys of diffusers', () => {
    const json = {
      latent_channels: 2,
      block_out_channels: [8, 8, 8],
      scaling_factor: 1.5,
      shift_factor: null,
      latents_mean: [0, 1],
      latents_std: [1, 2],
    };
    expect(parseVaeConfig(json)).toEqual({
      latentChannels: 2,
      spatialFactor: 4,
      scaling: { scalingFactor: 1.5, shiftFactor: 0, mean: [0, 1], deviation: [1, 2] },
    });
  });

  it('knows the defaults of AutoencoderTiny', () => {
    const json = { _class_name: 'AutoencoderTiny', latent_channels: 16, decoder_block_out_channels: [8, 8, 8] };
    expect(parseVaeConfig(json)).toEqual({
      latentChannels: 16,
      spatialFactor: 4,
      scaling: { scalingFactor: 1, shiftFactor: 0 },
      isDeterministic: true,
      className: 'AutoencoderTiny',
    });
  });

  it('knows the defaults of AutoencoderDC, which has a posterior where it has log variances', () => {
    const json = { _class_name: 'AutoencoderDC', latent_channels: 32, decoder_block_out_channels: [8, 8, 8, 8, 8, 8] };
    const read = { latentChannels: 32, spatialFactor: 32, scaling: { scalingFactor: 1, shiftFactor: 0 } };
    expect(parseVaeConfig({ ...json, has_log_variance: true })).toEqual(read);
    expect(parseVaeConfig(json)).toEqual({ ...read, isDeterministic: true, className: 'AutoencoderDC' });
  });

  it.each([
    [{ scaling_factor: 0 }, 'scaling_factor: must be greater than 0, got 0'],
    [{ scaling_factor: 'x' }, 'scaling_factor: must be a number, got "x"'],
    [{ latents_mean: [1] }, 'latents_mean: must have 4 values'],
    [[], 'must be a JSON object'],
  ])('refuses %j', (json, message) => {
    expect(() => parseVaeConfig(json, 'file')).toThrow(message);
  });
});
