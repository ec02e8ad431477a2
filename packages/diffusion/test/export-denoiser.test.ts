import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedulerFromConfig } from '@lascaux/diffusion';
import { defaultProcess, exportPixArt } from '@lascaux/diffusion/train';
import { parametersOf, readSafetensors } from '@lascaux/nn';
import { pixArtConfig, pixArtProgram } from '@lascaux/nn/networks';
import { openSession } from '@lascaux/nn/session';
import { initializeParameters } from '@lascaux/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lascaux-export-'));
});
afterAll(() => rm(directory, { recursive: true }));

const json = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse(await readFile(join(directory, path), 'utf8')) as Readonly<Record<string, unknown>>;

const config = pixArtConfig({
  ...{ num_attention_heads: 2, attention_head_dim: 4, num_layers: 1, sample_size: 4, patch_size: 1 },
  ...{ in_channels: 3, out_channels: 3, cross_attention_dim: 8, caption_channels: null },
});

describe('exportPixArt', () => {
  it('writes transformer/ and scheduler/, of one size and number of tokens', async () => {
    const specs = parametersOf(pixArtProgram(config, { batch: 1, height: 4, width: 4, tokens: 5 }));
    const weights = initializeParameters(specs, 'pixart');
    await exportPixArt({ weights, directory, config, process: defaultProcess, tokens: 5 });
    expect((await readdir(join(directory, 'transformer'))).sort()).toEqual([
      'config.json',
      'diffusion_pytorch_model.safetensors',
      'model.onnx',
    ]);
    const written = await json('transformer/config.json');
    expect(written).toMatchObject({
      _class_name: 'PixArtTransformer2DModel',
      _lascaux: { latent_size: 4 },
      sample_size: 4,
      norm_type: 'ada_norm_single',
      caption_channels: null,
    });
    expect(written).not.toHaveProperty('use_linear_projection');
    // What was left out is what the reader takes for granted.
    expect(pixArtConfig(written)).toEqual(config);
    const { tensors } = await readSafetensors(join(directory, 'transformer', 'diffusion_pytorch_model.safetensors'));
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    expect([...tensors.keys()].sort()).toEqual(specs.map(({ name }) => name).sort());
    const session = await openSession(join(directory, 'transformer', 'model.onnx'));
    const shapes = session.inputMetadata.map((input) => [input.name, input.isTensor ? input.shape : undefined]);
    expect(shapes).toEqual([
      ['sample', ['batch', 3, 4, 4]],
      ['timestep', []],
      ['encoder_hidden_states', ['batch', 5, 8]],
    ]);
    await session.release();
    const scheduler = schedulerFromConfig(await json('scheduler/scheduler_config.json'));
    expect(scheduler.className).toBe('DDIMScheduler');
  });

  it('gives the graph a mask where it is asked for', async () => {
    const program = pixArtProgram(config, { batch: 1, height: 4, width: 4, tokens: 5, masked: true });
    const weights = initializeParameters(parametersOf(program), 'pixart');
    await exportPixArt({ weights, directory, config, process: defaultProcess, tokens: 5, masked: true });
    const session = await openSession(join(directory, 'transformer', 'model.onnx'));
    expect(session.inputMetadata.map(({ name }) => name)).toContain('encoder_attention_mask');
    await session.release();
  });
});
