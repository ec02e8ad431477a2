import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  changeJson,
  checkpoint,
  DIFFUSERS,
  networkModel,
  readTensors,
  saveHalf,
  saveTiny,
  temporaryFolder,
  tinyConfig,
  tinyWeights,
} from '@lascaux/model-fixtures';
import { convertModel } from '@lascaux/models/convert';
import { randomStream, writeSafetensors } from '@lascaux/nn';
import { TextToImagePipeline, type Picture } from '@lascaux/pipeline';
import { parseParameters, readImageInformation } from '@lascaux/pipeline/image';
import { imageToBytes, loadVaeDecoder } from '@lascaux/vae';
import { describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

const converted = async (model: string): Promise<string> => {
  const out = join(await temporaryFolder(), 'converted');
  await convertModel({ model, out });
  return out;
};

/** A converted tiny autoencoder alone. */
async function convertedTiny(json: object = tinyConfig): Promise<string> {
  const folder = join(await temporaryFolder(), 'taesd');
  await saveTiny(folder, json);
  return converted(folder);
}

const refusal = async (...argv: string[]): Promise<string> => {
  const { exitCode, notes, results } = await runCaptured(argv);
  expect(results).toEqual([]);
  expect(notes.filter((note) => note.startsWith('error'))).toHaveLength(1);
  return `${exitCode} ${notes.at(-1)}`;
};

const picture: Picture = {
  width: 16,
  height: 16,
  pixels: Uint8Array.from({ length: 3 * 16 * 16 }, (_, i) => (i * 7) % 256),
};

describe('convert', () => {
  it('takes an AutoencoderTiny as the autoencoder of a model, which then paints, from pictures too', async () => {
    const { folder } = await checkpoint();
    await rm(join(folder, 'vae'), { recursive: true });
    await saveTiny(join(folder, 'vae'));
    await changeJson(join(folder, 'model_index.json'), { vae: ['diffusers', 'AutoencoderTiny'] });
    const out = await converted(folder);
    expect(await readTensors(join(out, 'vae', DIFFUSERS))).toEqual(tinyWeights());
    const pipeline = await TextToImagePipeline.fromPretrained(out);
    const draws: number[] = [];
    const noise = (seed: number) => {
      const stream = randomStream(seed);
      return (size: number) => (draws.push(size), stream.normal(size));
    };
    const { images } = await pipeline.generate({ prompt: 'a cat', image: picture, strength: 0.5, noise });
    expect(images[0]).toMatchObject({ width: 16, height: 16 });
    expect(draws).toEqual([4 * 8 * 8]); // the starting noise; there is no posterior to draw from
    await pipeline.dispose();
  });

  it('takes one alone, or the files of its author: a pair by either name, their folder, one file of both', async () => {
    const expected = tinyWeights();
    const parts = ['vae', 'vae_decoder', 'vae_encoder'];
    const alone = await convertedTiny();
    expect((await readdir(alone)).sort()).toEqual(parts);
    const folder = await temporaryFolder();
    await saveHalf(join(folder, 'taesd_encoder.safetensors'), 'encoder');
    await saveHalf(join(folder, 'taesd_decoder.safetensors'), 'decoder');
    const single = join(await temporaryFolder(), 'taef2.safetensors');
    await writeSafetensors(single, expected);
    for (const path of [join(folder, 'taesd_decoder.safetensors'), folder, single]) {
      const out = await converted(path);
      expect((await readdir(out)).sort()).toEqual(parts);
      expect(await readTensors(join(out, 'vae', DIFFUSERS))).toEqual(expected);
      const json = JSON.parse(await readFile(join(out, 'vae', 'config.json'), 'utf8')) as object;
      expect(json).toMatchObject({ ...tinyConfig, scaling_factor: 1 });
      expect(json).not.toHaveProperty('use_midblock_gn');
    }
  });

  it('makes the graph of a half that is alone', async () => {
    const folder = await temporaryFolder();
    await saveHalf(join(folder, 'taesd_decoder.safetensors'), 'decoder');
    expect((await readdir(await converted(folder))).sort()).toEqual(['vae', 'vae_decoder']);
  });

  it('refuses other files, several checkpoints at once, and layers that it cannot build', async () => {
    const folder = await temporaryFolder();
    const out = ['--out', join(folder, 'out')];
    const other = join(folder, 'unet.safetensors');
    await writeSafetensors(other, { 'conv_in.weight': { dtype: 'F32', shape: [1], data: new Float32Array(1) } });
    expect(await refusal('convert', other, ...out)).toMatch(
      /^2 error: .*unet\.safetensors: a file alone must hold a tiny autoencoder/,
    );
    await saveHalf(join(folder, 'taesd_decoder.safetensors'), 'decoder');
    expect(await refusal('convert', folder, ...out)).toMatch(
      /^2 error: .*: holds several checkpoints; name a file of one of them/,
    );
    const wide = Object.entries(tinyWeights()).filter(([name]) => name.startsWith('encoder.'));
    const bias = { dtype: 'F32', shape: [8], data: new Float32Array(8) } as const;
    const sana = join(folder, 'taesana.safetensors');
    await writeSafetensors(sana, { ...Object.fromEntries(wide), 'encoder.layers.2.bias': bias });
    expect(await refusal('convert', sana, ...out)).toMatch(
      /^1 error: .*taesana\.safetensors: tiny autoencoder: convolutions between blocks/,
    );
    await writeFile(join(folder, 'broken.pth'), 'no state dict');
    expect(await refusal('convert', join(folder, 'broken.pth'), ...out)).toMatch(/^1 error: .*broken\.pth: /);
    expect((await readdir(folder)).includes('out')).toBe(false);
  });
});

describe('another autoencoder', () => {
  it('takes the place of the model’s own, and is named in the picture', async () => {
    const [model, vae] = [await networkModel(), await convertedTiny()];
    const out = join(await temporaryFolder(), 'cat.png');
    const { exitCode, notes } = await runCaptured(['generate', 'a cat', '--model', model, '--vae', vae, '--out', out]);
    expect({ exitCode, notes }).toEqual({ exitCode: 0, notes: [] });
    const { parameters = '' } = await readImageInformation(out);
    expect(parseParameters(parameters).values.VAE).toBe('converted');

    const own = await TextToImagePipeline.fromPretrained(model);
    const swapped = await TextToImagePipeline.fromPretrained(model, { vae: join(vae, 'vae_decoder') });
    let latent = new Float32Array();
    const onStep = ({ denoised }: { denoised: Float32Array }) => void (latent = denoised.slice());
    const before = (await own.generate({ prompt: 'a cat', onStep })).images[0]!;
    const after = (await swapped.generate({ prompt: 'a cat' })).images[0]!;
    const decoder = await loadVaeDecoder(join(vae, 'vae_decoder'));
    const size = { width: 16, height: 16 };
    // DDIM ends at its last estimate.
    expect(after.pixels).toEqual(imageToBytes(await decoder.decode(latent, size), size));
    expect(after.pixels).not.toEqual(before.pixels);
    expect((await swapped.generate({ prompt: 'a cat', image: picture, strength: 0.5 })).images).toHaveLength(1);
    await Promise.all([own, swapped, decoder].map((part) => part.dispose()));
  });

  it('must have the model’s latents, and a graph', async () => {
    const model = await networkModel();
    const generate = async (vae: string) =>
      refusal('generate', 'a cat', '--model', model, '--vae', vae, '--out', 'x.png');
    const channels = await convertedTiny({ ...tinyConfig, latent_channels: 16 });
    expect(await generate(channels)).toMatch(/^2 error: --vae: latents of .* have 4 channels, got "16 channels"$/);
    const stages = { encoder_block_out_channels: [8, 8, 8], decoder_block_out_channels: [8, 8, 8] };
    const deeper = await convertedTiny({
      ...tinyConfig,
      ...stages,
      num_encoder_blocks: [1, 1, 1],
      num_decoder_blocks: [1, 1, 1],
    });
    expect(await generate(deeper)).toMatch(/^2 error: --vae: a latent cell of .* stands for 2x2 pixels, got "4x4"$/);
    expect(await generate(join(model, 'tokenizer'))).toMatch(
      /^2 error: --vae: must be a folder with the graph of an autoencoder/,
    );
    const options = { vae: channels };
    await expect(TextToImagePipeline.fromPretrained(model, options)).rejects.toThrow(/^vae: latents of /);
  });

  it('of which only the decoder is there paints, but not from a picture', async () => {
    const [model, vae] = [await networkModel(), await convertedTiny()];
    const half = await temporaryFolder();
    await cp(join(vae, 'vae_decoder'), join(half, 'vae_decoder'), { recursive: true });
    const pipeline = await TextToImagePipeline.fromPretrained(model, { vae: half });
    expect((await pipeline.generate({ prompt: 'a cat' })).images).toHaveLength(1);
    await expect(pipeline.generate({ prompt: 'a cat', image: picture })).rejects.toThrow('needs vae_encoder/');
    await pipeline.dispose();
  });
});

describe('preview', () => {
  it('is the picture of the estimate, by the model’s own autoencoder or one for previews', async () => {
    const [model, vae] = [await networkModel(), await convertedTiny()];
    for (const previewVae of [undefined, vae]) {
      const pipeline = await TextToImagePipeline.fromPretrained(model, { previewVae });
      const decoder = await loadVaeDecoder(join(previewVae ?? model, 'vae_decoder'));
      const seen: Picture[] = [];
      const { images } = await pipeline.generate({
        prompt: 'a cat',
        steps: 3,
        onStep: async ({ denoised, preview }) => {
          const latent = denoised.slice();
          const shown = await preview();
          expect(shown.pixels).toEqual(imageToBytes(await decoder.decode(latent, picture), picture));
          seen.push(shown);
        },
      });
      expect(seen.map(({ width, height }) => [width, height])).toEqual([16, 16, 16].map((side) => [side, side]));
      if (previewVae === undefined) expect(seen[2]!.pixels).toEqual(images[0]!.pixels);
      else expect(seen[2]!.pixels).not.toEqual(images[0]!.pixels);
      await Promise.all([pipeline.dispose(), decoder.dispose()]);
    }
  });

  it('refuses an autoencoder of other latents', async () => {
    const previewVae = await convertedTiny({ ...tinyConfig, latent_channels: 8 });
    await expect(TextToImagePipeline.fromPretrained(await networkModel(), { previewVae })).rejects.toThrow(
      /^previewVae: latents of .* have 4 channels, got "8 channels"/,
    );
  });
});

it('a tiny autoencoder has no bound, and says so', async () => {
  const data = await temporaryFolder();
  await mkdir(data, { recursive: true });
  const vae = await convertedTiny();
  const { encodeImage } = await import('@lascaux/pipeline/image');
  await writeFile(join(data, 'a.png'), await encodeImage(picture, 'png'));
  const line = await refusal('evaluate', 'nll', '--model', vae, data, '--only', 'autoencoder', '--size', '16');
  expect(line).toMatch(/AutoencoderTiny encodes to one latent and has no posterior/);
});
