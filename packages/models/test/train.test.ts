import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePng, type InMemoryImage } from '@lascaux/data';
import { temporaryFolder } from '@lascaux/model-fixtures';
import { openModelFolder } from '@lascaux/models';
import { trainDenoiser, trainTextEncoder, trainVae, type PartProgress, type TrainingNotice } from '@lascaux/models/train';
import { onnxEngine } from '@lascaux/nn/onnx';
import { describe, expect, it } from 'vitest';

const SIDE = 16;
const images = [40, 90, 140, 220].map((shade): InMemoryImage => ({
  pixels: new Uint8Array(3 * SIDE * SIDE).map((_, i) => (i % 3 === 0 ? shade : (7 * i) % 256)),
  width: SIDE,
  height: SIDE,
  caption: shade > 100 ? 'a light square' : 'a dark square',
}));
const network = { block_out_channels: [4, 8], layers_per_block: 1, norm_num_groups: 4, latent_channels: 4 };
const layers = { hidden_size: 8, intermediate_size: 8, projection_dim: 8, num_hidden_layers: 1, num_attention_heads: 2 };
const short = { engine: 'onnx', device: 'cpu', threads: 1, images: 8, batchSize: 4, replicas: 1 } as const;
const { replicas: _, ...alone } = short;

describe('training as calls', { timeout: 120_000 }, () => {
  it('makes a whole model of images in memory, part by part, and tells how far it is', async () => {
    const runs = await temporaryFolder();
    const told: (TrainingNotice | PartProgress)[] = [];
    const onProgress = (progress: PartProgress): void => void told.push(progress);
    const onNotice = (notice: TrainingNotice): void => void told.push(notice);
    const vae = await trainVae({ data: images, out: join(runs, 'vae'), size: SIDE, network, ...short });
    expect(vae).toMatchObject({ reason: 'finished', imagesSeen: 8, model: join(runs, 'vae', 'model') });
    const text = { text: layers, vision: { ...layers, patch_size: 4, image_size: SIDE }, maxLength: 8 };
    const encoder = await trainTextEncoder({ data: images, out: join(runs, 'text'), ...text, ...alone });
    expect(await readdir(encoder.model!)).toEqual(expect.arrayContaining(['image_encoder', 'text_encoder', 'tokenizer']));
    const unet = {
      block_out_channels: [8, 8],
      down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
      up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'],
      layers_per_block: 1,
      norm_num_groups: 4,
      attention_head_dim: 4,
    };
    const stages = { vae: join(runs, 'vae'), textEncoder: join(runs, 'text') };
    const denoiser = await trainDenoiser({
      data: images,
      out: join(runs, 'denoiser'),
      network: unet,
      ...{ ...stages, ...short, onProgress, onNotice },
    });
    expect((await openModelFolder(denoiser.model!)).index.className).toBe('StableDiffusionPipeline');
    expect(told.flatMap((one) => ('kind' in one ? [one.kind] : []))).toEqual(['data', 'engine', 'sharing']);
    expect(told.at(-1)).toMatchObject({ what: 'images', imagesSeen: 8, totalImages: 8 });
    expect(told).toContainEqual({ what: 'latents', done: 0, total: 4 });
  });

  it('gives the same weights from a folder as from its images, and leaves an engine to its owner', async () => {
    const [runs, folder] = [await temporaryFolder(), await temporaryFolder()];
    for (const [i, { pixels }] of images.entries())
      await writePng(join(folder, `${i}.png`), pixels, { width: SIDE, height: SIDE });
    const engine = onnxEngine({ threads: 1 });
    const options = { size: SIDE, network, images: 8, batchSize: 4, replicas: 1, engine };
    const weights = async (out: string) =>
      readFile(join(runs, out, 'model', 'vae_decoder', 'diffusion_pytorch_model.safetensors'));
    await trainVae({ data: folder, out: join(runs, 'a'), ...options });
    await trainVae({ data: images, out: join(runs, 'b'), ...options });
    await engine.dispose();
    expect(await weights('b')).toEqual(await weights('a'));
  });

  it('stops when it is told to, without a model, and goes on from there', async () => {
    const out = join(await temporaryFolder(), 'run');
    const options = { data: images, out, size: SIDE, network, ...short, images: 400 };
    const controller = new AbortController();
    const stopped = await trainVae({ ...options, signal: controller.signal, onProgress: () => controller.abort() });
    expect(stopped).toMatchObject({ reason: 'aborted', model: undefined });
    await expect(trainVae(options)).rejects.toThrow(/^out: already holds a run: resume it/);
    const resumed = await trainVae({ data: images, out, ...short, images: stopped.imagesSeen + 4, resume: true });
    expect(resumed).toMatchObject({ reason: 'finished', imagesSeen: stopped.imagesSeen + 4 });
    await expect(trainVae({ ...options, resume: true, rate: 0.5 })).rejects.toThrow(/^resume: the run in .* has rate/);
    await expect(trainVae({ ...options, data: images.slice(1), resume: true })).rejects.toThrow(
      /^resume: .* trained on other images: 4 then, 3 now/,
    );
  });

  it.each([
    [{ betta: 1 }, /^betta: no such option \(accepted: .*beta/],
    [{ batchSize: 0 }, /^batchSize: /],
    [{ size: 20 }, /^size: must be a multiple of 8, got 20/],
    [{ freezeEncoder: true }, /^freezeEncoder: needs the option initial/],
    [{ initial: '/no/such' }, /^initial: holds no vae_decoder\//],
    [{ data: '/no/such' }, /^data: .*no.such/],
    [{ data: [{ pixels: new Uint8Array(5), width: 1, height: 1 }] }, /^images: image 0 must have 1·1·3 bytes, got 5/],
    [{ engine: 'torch' }, /^engine: no such engine/],
  ])('refuses %j in the words of options', async (wrong, message) => {
    const out = join(await temporaryFolder(), 'run');
    await expect(trainVae({ data: images, out, ...wrong })).rejects.toThrow(message);
  });
});
