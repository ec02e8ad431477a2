import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { originalCheckpoint, readTensors, temporaryFolder, DIFFUSERS } from '@lascaux/model-fixtures';
import { openModelFolder, resolveModel } from '@lascaux/models';
import { checkpointFamily, convertModel } from '@lascaux/models/convert';
import type { SafetensorsTensor } from '@lascaux/nn';
import { toFloat16 } from '@lascaux/nn';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const outFolder = async (): Promise<string> => join(await temporaryFolder(), 'out');
const facts = (shape: readonly number[]) => ({ dtype: 'F16' as const, shape });
const family = (names: Readonly<Record<string, readonly number[]>>) =>
  checkpointFamily(new Map(Object.entries(names).map(([name, shape]) => [name, facts(shape)])), 'x.safetensors', {
    metadata: {},
  });

describe('a whole model in one file', () => {
  it('becomes the folder that it was before, with what a base folder fills in', async () => {
    const { file, folder } = await originalCheckpoint();
    const out = await outFolder();
    const told: string[] = [];
    const { components, family: name } = await convertModel({
      ...{ model: file, out, base: folder },
      onFamily: (text) => told.push(text),
    });
    expect(name).toBe('Stable Diffusion 1, predicts noise');
    expect(told).toEqual([name]);
    expect(Object.keys(components)).toEqual(['text_encoder', 'unet', 'vae']);
    for (const component of ['unet', 'vae'])
      expect(await readTensors(join(out, component, DIFFUSERS))).toEqual(
        await readTensors(join(folder, component, DIFFUSERS)),
      );
    for (const path of ['unet/model.onnx', 'vae_decoder/model.onnx', 'tokenizer/vocab.json', 'model_index.json'])
      expect((await stat(join(out, path))).size).toBeGreaterThan(0);
  });

  it('leaves out running averages, and reads the weights of a trainer’s file', async () => {
    const { file, folder } = await originalCheckpoint({
      change: (tensors) => {
        const first = Object.values(tensors)[0]!;
        const named = Object.entries(tensors).map(([name, tensor]) => [`state_dict.${name}`, tensor] as const);
        return { ...Object.fromEntries(named), 'state_dict.model_ema.decay': first, 'optimizer.step': first };
      },
    });
    const { components } = await convertModel({ model: file, out: await outFolder(), base: folder });
    expect(Object.keys(components)).toEqual(['text_encoder', 'unet', 'vae']);
  });

  it('in eight bits becomes one of half precision', async () => {
    const eight = (tensor: SafetensorsTensor): SafetensorsTensor => ({
      dtype: 'F8_E4M3',
      shape: tensor.shape,
      data: new Uint8Array(tensor.data.length).fill(0x38),
    });
    const { file, folder } = await originalCheckpoint({
      change: (tensors) => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, eight(tensor)])),
    });
    const out = await outFolder();
    const { components } = await convertModel({ model: file, out, base: folder });
    expect(components.unet!.dtype).toBe('F16');
    const { 'conv_in.weight': weight } = await readTensors(join(out, 'unet', DIFFUSERS));
    expect(weight!.data[0]).toBe(toFloat16(Float32Array.of(1))[0]);
  });

  it('is told what it lacks, before anything is written', async () => {
    const { file } = await originalCheckpoint({
      change: (tensors) => Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('first_stage'))),
    });
    const out = await outFolder();
    await expect(convertModel({ model: file, out })).rejects.toThrow(
      `must be a model folder with what ${file} lacks of Stable Diffusion 1: vae`,
    );
    await expect(stat(out)).rejects.toThrow('ENOENT');
  });

  it('with a vocabulary of its own needs its tokenizer', { timeout: 60_000 }, async () => {
    const table = 'cond_stage_model.transformer.text_model.embeddings.token_embedding.weight';
    const { file } = await originalCheckpoint({
      published: true,
      change: (tensors) => {
        const { dtype, shape, data } = tensors[table]!;
        const [rows, width] = shape as [number, number];
        const shorter = { dtype, shape: [rows - 1, width], data: data.slice(0, (rows - 1) * width) };
        return { ...tensors, [table]: shorter };
      },
    });
    const out = await outFolder();
    await expect(convertModel({ model: file, out })).rejects.toThrow(
      `must be a model folder with tokenizer, which ${file} needs; only CLIP's tokenizer is brought along`,
    );
    await expect(stat(out)).rejects.toThrow('ENOENT');
  });

  it('says which tensor does not belong, or is missing', async () => {
    const { file, folder } = await originalCheckpoint({
      change: ({ 'model.diffusion_model.out.2.bias': bias, ...tensors }) => ({
        ...tensors,
        'model.diffusion_model.input_blocks.1.0.extra.weight': bias!,
      }),
    });
    await expect(convertModel({ model: file, out: await outFolder(), base: folder })).rejects.toThrow(
      /lack tensors .*conv_out\.bias/,
    );
  });
});

describe('an autoencoder in one file', () => {
  const alone = (file: string): Promise<{ file: string; folder: string }> =>
    originalCheckpoint({
      change: (tensors) => {
        const [first] = Object.values(tensors);
        const vae = Object.entries(tensors).flatMap(([name, tensor]) =>
          name.startsWith('first_stage_model.') ? [[name.replace('first_stage_model.', file), tensor] as const] : [],
        );
        return { ...Object.fromEntries(vae), [`${file}loss.logvar`]: first! };
      },
    });

  it.each(['', 'first_stage_model.'])('becomes the folders of its halves (names that begin with "%s")', async (prefix) => {
    const { file, folder } = await alone(prefix);
    const out = await outFolder();
    await convertModel({ model: file, out, base: folder });
    expect(await readTensors(join(out, 'vae', DIFFUSERS))).toEqual(await readTensors(join(folder, 'vae', DIFFUSERS)));
    expect((await stat(join(out, 'vae_decoder', 'model.onnx'))).size).toBeGreaterThan(0);
  });

  it('is no model', async () => {
    const { file } = await alone('');
    expect(await resolveModel(file)).toBe(file);
    await expect(openModelFolder(file)).rejects.toThrow(/model\.safetensors/);
  });
});

describe('the family of a checkpoint', () => {
  const unet = { 'model.diffusion_model.input_blocks.0.0.weight': [320, 4, 3, 3] };

  it.each([
    [{ 'control_model.time_embed.0.weight': [1] }, 'is a ControlNet'],
    [{ 'lora_unet_down_blocks_0.lora_down.weight': [4, 4] }, 'is a LoRA'],
    [{ 'single_stream_modulation.lin.weight': [4] }, 'is Flux.2'],
  ])('%j is refused by name', (names, message) => {
    expect(() => family(names as Record<string, number[]>)).toThrow(message);
  });

  it('is none where no network is', () => {
    expect(family({ 'decoder.layers.0.weight': [1] })).toBeUndefined();
  });

  it('lacks a tensor that every network has', () => {
    expect(() => family(unet)).toThrow(/lacks a tensor that its network must have/);
  });
});

describe('a model in one file, by name', () => {
  let home: string;
  beforeEach(async () => {
    home = await temporaryFolder();
    vi.stubEnv('HF_HOME', home);
    vi.stubEnv('HF_HUB_CACHE', '');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('is made to run once, with the tokenizer and the scheduler that such files lack', { timeout: 60_000 }, async () => {
    const { file, folder } = await originalCheckpoint({ published: true });
    const told: string[] = [];
    const resolved = await resolveModel(file, { onNote: (line) => told.push(line) });
    expect(resolved.startsWith(join(home, 'lascaux', 'files', 'model-'))).toBe(true);
    expect(told).toEqual([
      `${file}: Stable Diffusion 1, predicts noise; making a folder that runs, once, in ${resolved}`,
    ]);
    expect(await readTensors(join(resolved, 'unet', DIFFUSERS))).toEqual(await readTensors(join(folder, 'unet', DIFFUSERS)));
    const model = await openModelFolder(resolved);
    expect(model.index.className).toBe('StableDiffusionPipeline');
    expect(await resolveModel(file, { onNote: (line) => told.push(line) })).toBe(resolved);
    expect(told).toHaveLength(1);
  });

  it('that is not what its family is cannot be resolved, and nothing is left', async () => {
    const { file } = await originalCheckpoint();
    await expect(resolveModel(file)).rejects.toThrow('norm_num_groups: must divide each of block_out_channels');
    expect(await readdir(join(home, 'lascaux', 'files'))).toEqual([]);
  });
});
