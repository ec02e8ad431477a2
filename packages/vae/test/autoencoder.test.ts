import { truncate, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LascauxError } from '@lascaux/nn';
import { loadVaeDecoder, loadVaeEncoder } from '@lascaux/vae';
import { describe, expect, it } from 'vitest';
import { componentFolder, decoderGraph, encoderGraph, tinyConfig } from './support/tiny-vae.js';

const size = { width: 4, height: 2 };
/** Latent [4, 1, 2]: raw channels 1 2 | 3 4 | 5 6 | 7 8, scaled by 0.5 · (raw − 0.25). */
const raw = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const scaled = raw.map((value) => 0.5 * (value - 0.25));

describe('loadVaeDecoder', () => {
  it.each(['float32', 'float16'] as const)('undoes the scaling and decodes in %s', async (dtype) => {
    const decoder = await loadVaeDecoder(await componentFolder(decoderGraph(dtype), tinyConfig));
    const image = await decoder.decode(scaled, size);
    // Each latent cell becomes a 2×2 square: rows 1 1 2 2 of the first colour, and so on.
    const rows = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 5, 5, 6, 6, 5, 5, 6, 6];
    expect([...image]).toEqual(rows);
    await decoder.dispose();
  });

  it('takes the values of Stable Diffusion 1 when there is no configuration', async () => {
    const decoder = await loadVaeDecoder(await componentFolder(decoderGraph()));
    expect(decoder.config).toEqual({
      latentChannels: 4,
      spatialFactor: 8,
      scaling: { scalingFactor: 0.18215, shiftFactor: 0 },
    });
    await decoder.dispose();
  });

  it('names the file that is missing or truncated', async () => {
    const folder = await componentFolder(decoderGraph(), tinyConfig);
    await truncate(join(folder, 'model.onnx'), 100);
    await expect(loadVaeDecoder(folder)).rejects.toThrow(join(folder, 'model.onnx'));
    await rm(join(folder, 'model.onnx'));
    await expect(loadVaeDecoder(folder)).rejects.toThrow(LascauxError);
  });

  it('says which values a strange graph has', async () => {
    const folder = await componentFolder(encoderGraph(0), tinyConfig);
    await expect(loadVaeDecoder(folder)).rejects.toThrow(/latent_sample or latent or z, got "sample"/);
  });
});

describe('loadVaeEncoder', () => {
  // 4×2 picture whose top left pixels of the two cells are the raw values above; the fourth channel is 0.
  const image = new Float32Array(24);
  for (let c = 0; c < 3; c++) image.set([raw[2 * c]!, 9, raw[2 * c + 1]!, 9, 9, 9, 9, 9], 8 * c);
  const expected = [...scaled.subarray(0, 6), -0.125, -0.125];

  it('gives the scaled mean, or a sample with the noise it is given', async () => {
    const encoder = await loadVaeEncoder(await componentFolder(encoderGraph(2 * Math.log(3)), tinyConfig));
    expect(encoder.samplesInside).toBe(false);
    expect([...(await encoder.encode(image, size))]).toEqual(expected);
    // z = mean + 3 · 2, and 0.5 · 6 more after scaling
    const sample = await encoder.encode(image, { ...size, noiseSource: (count) => new Float32Array(count).fill(2) });
    sample.forEach((value, i) => expect(value).toBeCloseTo(expected[i]! + 3, 5));
    await encoder.dispose();
  });

  it('clamps the log-variance to [-30, 20]', async () => {
    const encoder = await loadVaeEncoder(await componentFolder(encoderGraph(-50), tinyConfig));
    const { logVariance } = await encoder.posterior(image, size);
    expect(new Set(logVariance)).toEqual(new Set([-30]));
    await encoder.dispose();
  });

  it('recognises exports that sample inside the graph', async () => {
    const encoder = await loadVaeEncoder(await componentFolder(encoderGraph(0, 'latent_sample'), tinyConfig));
    expect(encoder.samplesInside).toBe(true);
    await expect(encoder.posterior(image, size)).rejects.toThrow('samples inside');
    await encoder.dispose();
  });

  it('needs no noise for an AutoencoderTiny, which has no posterior', async () => {
    const config = { ...tinyConfig, _class_name: 'AutoencoderTiny' };
    const encoder = await loadVaeEncoder(await componentFolder(encoderGraph(0, 'latent_sample'), config));
    expect(encoder.samplesInside).toBe(false);
    const noiseSource = () => expect.unreachable('no noise is drawn');
    expect((await encoder.encode(image, { ...size, noiseSource })).length).toBeGreaterThan(0);
    await expect(encoder.posterior(image, size)).rejects.toThrow('AutoencoderTiny encodes to one latent');
    await encoder.dispose();
  });
});
