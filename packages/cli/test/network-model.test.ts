import { open, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensorsHeader } from '@lascaux/nn';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { loadVaeEncoder } from '@lascaux/vae';
import { describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';
import { networkModel, temporaryFolder } from '@lascaux/model-fixtures';

const WEIGHTS = 'diffusion_pytorch_model.safetensors';

async function paint(folder: string, options: object = {}) {
  const pipeline = await TextToImagePipeline.fromPretrained(folder);
  try {
    return (await pipeline.generate({ prompt: 'a cat', ...options })).images;
  } finally {
    await pipeline.dispose();
  }
}

const attempt = async (folder: string): Promise<string> => {
  const { notes, exitCode } = await runCaptured([
    'generate',
    'a cat',
    '--model',
    folder,
    '--out',
    join(await temporaryFolder(), 'x.png'),
  ]);
  expect(notes).toHaveLength(1);
  expect(notes[0]).not.toContain('\n');
  return `${exitCode} ${notes[0]}`;
};

describe('a model of our own networks', () => {
  it('paints, the same picture each time, and picture k alone as among others', async () => {
    const folder = await networkModel();
    const images = await paint(folder, { count: 2, seed: 3 });
    const [alone] = await paint(folder, { seed: 4 });
    expect(images[1]!.pixels).toEqual(alone!.pixels);
    expect(images[0]!.pixels).not.toEqual(alone!.pixels);
    expect(alone).toMatchObject({ width: 16, height: 16 });
    const [wide] = await paint(folder, { width: 24, height: 8 });
    expect(wide!.pixels).toHaveLength(24 * 8 * 3);
    // A latent of 5 × 7: the UNet halves it to 3 × 4 and must come back.
    const [odd] = await paint(folder, { width: 14, height: 10 });
    expect(odd!.pixels).toHaveLength(14 * 10 * 3);
  });

  it('paints nearly the same with weights in half precision', async () => {
    const [full, half] = [await paint(await networkModel()), await paint(await networkModel({ dtype: 'F16' }))];
    const differences = full[0]!.pixels.map((value, i) => Math.abs(value - half[0]!.pixels[i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(4);
  });

  it('encodes a picture into a latent of the right size', async () => {
    const encoder = await loadVaeEncoder(join(await networkModel(), 'vae_encoder'));
    const latent = await encoder.encode(new Float32Array(3 * 16 * 8), { width: 16, height: 8 });
    expect(latent).toHaveLength(4 * 8 * 4);
    expect(latent.every(Number.isFinite)).toBe(true);
    await encoder.dispose();
  });
});

describe('damaged weights', () => {
  it('that are cut short are named', async () => {
    const folder = await networkModel();
    const path = join(folder, 'unet', WEIGHTS);
    await truncate(path, Math.floor((await stat(path)).size / 2));
    expect(await attempt(folder)).toContain(`1 error: ${path}: `);
  });

  it('that are missing are named', async () => {
    const folder = await networkModel();
    const path = join(folder, 'vae_decoder', WEIGHTS);
    await truncate(path, 0);
    expect(await attempt(folder)).toContain(`1 error: ${path}: is truncated: `);
    await rm(path);
    expect(await attempt(folder)).toContain(`vae_decoder/model.onnx: its external data is missing, got "${path}"`);
  });

  it.each(['text_encoder', 'unet', 'vae_decoder'])('with a NaN in %s stop the run', async (part) => {
    const folder = await networkModel();
    const path = join(folder, part, WEIGHTS);
    const { entries } = await readSafetensorsHeader(path);
    const bytes = await readFile(path);
    for (const [name, { offset, length }] of entries) {
      if (!/(norm|conv_out|final_layer_norm)[\w.]*bias$/.test(name)) continue;
      for (let at = offset; at < offset + length; at += 4) bytes.writeFloatLE(Number.NaN, at);
    }
    const file = await open(path, 'r+');
    await file.write(bytes, 0, bytes.length, 0);
    await file.close();
    expect(await attempt(folder)).toMatch(/^1 error: (text encoder|denoiser, step 1 of 2|decode): .*got NaN/);
  });
});
