import { mkdir, readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lockFile, readSafetensorsHeader, toFloat16 } from '@lascaux/nn';
import { openSession } from '@lascaux/nn/onnx';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { describe, expect, it } from 'vitest';
import {
  changeJson,
  changeWeights,
  checkpoint,
  DIFFUSERS,
  readTensors,
  shard,
  temporaryFolder,
  TRANSFORMERS,
} from '@lascaux/model-fixtures';
import { runCaptured } from './support/captured-terminal.js';

async function convert(folder: string, ...flags: string[]) {
  const parent = await temporaryFolder();
  const out = join(parent, 'converted');
  return { parent, out, ...(await runCaptured(['convert', folder, '--out', out, ...flags])) };
}

/** Converts and expects success. */
async function converted(folder: string, ...flags: string[]): Promise<string> {
  const { out, exitCode, notes } = await convert(folder, ...flags);
  expect({ exitCode, notes }).toEqual({ exitCode: 0, notes: [] });
  return out;
}

/** Converts, expects failure in one line and nothing left behind, and returns exit code and line. */
async function refusal(folder: string, ...flags: string[]): Promise<string> {
  const { parent, exitCode, notes, results } = await convert(folder, ...flags);
  expect(results).toEqual([]);
  expect(notes).toHaveLength(1);
  expect(notes[0]).not.toContain('\n');
  expect(await readdir(parent)).toEqual([]);
  return `${exitCode} ${notes[0]}`;
}

async function pixelsOf(model: string): Promise<Uint8ClampedArray | Uint8Array> {
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  try {
    return (await pipeline.generate({ prompt: 'a cat', seed: 3 })).images[0]!.pixels;
  } finally {
    await pipeline.dispose();
  }
}

const types = async (path: string): Promise<string[]> => {
  const { entries } = await readSafetensorsHeader(path);
  return [...new Set([...entries.values()].map(({ dtype }) => dtype))];
};

describe('the folder that is made', () => {
  it('is free of what a killed conversion left, and of its lock', async () => {
    const { folder } = await checkpoint();
    const parent = await temporaryFolder();
    const out = join(parent, 'converted');
    await mkdir(join(parent, '.converted.0a1b2c3d.tmp', 'unet'), { recursive: true });
    await mkdir(join(parent, '.converted.mine'));
    await writeFile(join(parent, '.converted.lock'), `${hostname()} ${2 ** 30} killed`);
    expect(await runCaptured(['convert', folder, '--out', out])).toMatchObject({ exitCode: 0, notes: [] });
    expect((await readdir(parent)).sort()).toEqual(['.converted.mine', 'converted']);
  });

  it('is not made twice at the same time', async () => {
    const { folder } = await checkpoint();
    const parent = await temporaryFolder();
    const lock = await lockFile(join(parent, '.converted.lock'));
    const { exitCode, notes } = await runCaptured(['convert', folder, '--out', join(parent, 'converted')]);
    expect({ exitCode, notes }).toEqual({
      exitCode: 1,
      notes: [`error: --out: is being made by another process, got "${join(parent, 'converted')}"`],
    });
    await lock!.release();
    expect(await readdir(parent)).toEqual([]);
  });
});

describe('a converted checkpoint', () => {
  it('paints what its networks paint, from one file, from shards, and from old names', async () => {
    const { model, folder } = await checkpoint();
    const expected = await pixelsOf(model);
    const out = await converted(folder);
    expect(await pixelsOf(out)).toEqual(expected);
    expect((await readdir(out)).sort()).toEqual(
      [
        'model_index.json',
        'scheduler',
        'text_encoder',
        'tokenizer',
        'unet',
        'vae',
        'vae_decoder',
        'vae_encoder',
      ].sort(),
    );

    await shard(folder, 'unet', 3);
    await shard(folder, 'text_encoder', 2);
    // Attention as it was saved before diffusers 0.13: other names, 1×1 convolutions; and a buffer of old text encoders.
    await changeWeights(folder, 'vae', (tensors) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, tensor]) => {
          if (!name.includes('mid_block.attentions')) return [name, tensor];
          const old = name
            .replace(/to_([qkv])\./, (_, letter: string) => `${{ q: 'query', k: 'key', v: 'value' }[letter]}.`)
            .replace('to_out.0', 'proj_attn');
          const convolution = tensor.shape.length === 2 ? [...tensor.shape, 1, 1] : tensor.shape;
          return [old, { ...tensor, shape: convolution }];
        }),
      ),
    );
    const again = await converted(folder);
    expect(await readTensors(join(again, 'vae', DIFFUSERS))).toEqual(await readTensors(join(out, 'vae', DIFFUSERS)));
    expect(await pixelsOf(again)).toEqual(expected);
  });

  it('keeps half precision, or takes the one that is asked for', async () => {
    const { folder } = await checkpoint({ dtype: 'F16' });
    const [same, wide] = [await converted(folder), await converted(folder, '--dtype', 'f32')];
    expect(await types(join(same, 'unet', DIFFUSERS))).toEqual(['F16']);
    expect(await types(join(same, 'text_encoder', TRANSFORMERS))).toEqual(['F16']);
    expect(await types(join(wide, 'unet', DIFFUSERS))).toEqual(['F32']);
    expect(await pixelsOf(wide)).toEqual(await pixelsOf(same));
    const narrow = await converted((await checkpoint()).folder, '--dtype', 'f16');
    expect(await readTensors(join(narrow, 'vae', DIFFUSERS))).toEqual(await readTensors(join(same, 'vae', DIFFUSERS)));
  });

  it('widens bfloat16, which is exact', async () => {
    const { folder } = await checkpoint();
    await changeWeights(folder, 'unet', (tensors) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, { shape, data }]) => {
          const words = new Uint32Array((data as Float32Array).buffer);
          return [name, { dtype: 'BF16', shape, data: Uint16Array.from(words, (word) => word >>> 16) }];
        }),
      ),
    );
    const source = await readTensors(join(folder, 'unet', DIFFUSERS));
    const out = await readTensors(join(await converted(folder), 'unet', DIFFUSERS));
    const bits = (data: Float32Array) => Array.from(new Uint32Array(data.buffer));
    for (const [name, { data }] of Object.entries(source))
      expect(bits(out[name]!.data as Float32Array)).toEqual(Array.from(data as Uint16Array, (half) => half * 2 ** 16));
  });

  it('hands out every hidden state of its text encoder, and says what its graphs can do', async () => {
    const { folder } = await checkpoint();
    await changeJson(join(folder, 'text_encoder', 'config.json'), { architectures: ['CLIPTextModel'] });
    await writeFile(
      join(folder, 'unet', 'config.json'),
      (await configText(folder)).replace('"norm_eps": 0.00001', '"norm_eps": 1.0e-5'),
    );
    await changeJson(join(folder, 'model_index.json'), {
      safety_checker: ['diffusers', 'StableDiffusionSafetyChecker'],
    });
    const out = await converted(folder);
    const session = await openSession(join(out, 'text_encoder', 'model.onnx'), { threads: 1 });
    expect(session.outputNames).toEqual([
      'last_hidden_state',
      'pooler_output',
      'hidden_states.0',
      'hidden_states.1',
      'hidden_states.2',
    ]);
    await session.release();
    expect(await configText(out)).toContain('"norm_eps": 1.0e-5'); // as it was written
    expect(JSON.parse(await configText(out))).toMatchObject({ _lascaux: { latent_multiple: 1 } });
    const index = JSON.parse(await readFile(join(out, 'model_index.json'), 'utf8')) as object;
    expect(index).toMatchObject({ safety_checker: [null, null], requires_safety_checker: false });
  });

  it('may be a component alone', async () => {
    const { folder } = await checkpoint();
    const unet = await converted(join(folder, 'unet'));
    expect((await readdir(unet)).sort()).toEqual(['config.json', DIFFUSERS, 'model.onnx']);
    const vae = await converted(join(folder, 'vae'));
    expect((await readdir(vae)).sort()).toEqual(['vae', 'vae_decoder', 'vae_encoder']);
    const [whole, part] = [join(vae, 'vae', DIFFUSERS), join(vae, 'vae_decoder', DIFFUSERS)];
    expect((await stat(whole)).ino).toBe((await stat(part)).ino); // one copy on the disk
  });

  it('is described as JSON', async () => {
    const { folder } = await checkpoint();
    const { out, results } = await convert(folder, '--json');
    const unet = { className: 'UNet2DConditionModel', dtype: 'F32', folders: ['unet'] };
    expect(JSON.parse(results[0]!)).toMatchObject({ out, components: { unet }, left: [] });
  });
});

const configText = (folder: string): Promise<string> => readFile(join(folder, 'unet', 'config.json'), 'utf8');

describe('variants', () => {
  it('are chosen by name, or taken when there is but one', async () => {
    const { folder } = await checkpoint({ dtype: 'F16' });
    for (const [part, name] of [
      ['unet', DIFFUSERS],
      ['vae', DIFFUSERS],
      ['text_encoder', TRANSFORMERS],
    ] as const) {
      const path = join(folder, part, name);
      await writeFile(path.replace('.safetensors', '.fp16.safetensors'), await readFile(path));
      await truncate(path, 10);
    }
    expect(await types(join(await converted(folder, '--variant', 'fp16'), 'unet', DIFFUSERS))).toEqual(['F16']);
    expect(await refusal(folder)).toContain(`1 error: ${join(folder, 'text_encoder', TRANSFORMERS)}: is truncated`);
    expect(await refusal(folder, '--variant', 'ema')).toMatch(
      /^2 error: .*text_encoder: there are no weights of the variant ema \(accepted: no variant, fp16\)/,
    );
  });
});

describe('a bad checkpoint is refused in one line, and nothing is left', () => {
  it('where weights are cut short, have another shape, are missing or too many', async () => {
    const { folder } = await checkpoint();
    await changeWeights(folder, 'unet', ({ 'conv_out.bias': _, ...rest }) => rest);
    expect(await refusal(folder)).toBe(
      `1 error: ${join(folder, 'unet')}: the weights lack tensors that config.json asks for, got "conv_out.bias"`,
    );
    await changeWeights(folder, 'unet', (tensors) => ({
      ...tensors,
      'conv_out.bias': { dtype: 'F32', shape: [5], data: new Float32Array(5) },
    }));
    expect(await refusal(folder)).toMatch(/tensor conv_out\.bias must be \[4\] by config\.json, got "\[5\]"/);
    await changeWeights(folder, 'unet', (tensors) => ({
      ...tensors,
      'conv_out.bias': { dtype: 'I32', shape: [4], data: new Int32Array(4) },
    }));
    expect(await refusal(folder)).toMatch(/tensor conv_out\.bias: must hold floating-point numbers, got "I32"/);
    await changeWeights(folder, 'unet', (tensors) => ({
      ...tensors,
      'conv_out.bias': { dtype: 'F32', shape: [4], data: new Float32Array(4) },
      'lora.weight': { dtype: 'F32', shape: [1], data: new Float32Array(1) },
    }));
    expect(await refusal(folder)).toMatch(/tensors that config\.json does not ask for, got "lora\.weight"/);
    const path = join(folder, 'unet', DIFFUSERS);
    await truncate(path, (await stat(path)).size - 1);
    expect(await refusal(folder)).toContain(`1 error: ${path}: is truncated`);
  });

  it('where a number does not fit half precision', async () => {
    const { folder } = await checkpoint();
    const tooLarge = { dtype: 'F32', shape: [4], data: Float32Array.of(0, 1e6, 0, 0) } as const;
    await changeWeights(folder, 'unet', (tensors) => ({ ...tensors, 'conv_out.bias': tooLarge }));
    expect(await refusal(folder, '--dtype', 'f16')).toMatch(
      /conv_out\.bias: does not fit half precision .* got 1000000/,
    );
    await changeWeights(folder, 'unet', (tensors) => ({
      ...tensors,
      'conv_out.bias': { dtype: 'F16', shape: [4], data: toFloat16(Float32Array.of(0, Infinity, 0, 0)) },
    }));
  });

  it.each([
    ['a path out of the folder', '../../etc/passwd'],
    ['an absolute path', '/etc/passwd'],
    ['a folder', '..'],
    ['a path of another system', 'a\\b'],
  ])('where an index names %s', async (_, name) => {
    const { folder } = await checkpoint();
    const index = await shard(folder, 'unet', 2);
    await changeJson(index, { weight_map: { 'conv_in.weight': name } });
    expect(await refusal(folder)).toBe(`1 error: ${index}: a shard must be a file of the same folder, got "${name}"`);
  });

  it('where an index and its shards disagree', async () => {
    const { folder } = await checkpoint();
    const index = await shard(folder, 'unet', 2);
    const { weight_map: map } = JSON.parse(await readFile(index, 'utf8')) as { weight_map: Record<string, string> };
    await changeJson(index, {
      weight_map: {
        ...map,
        'conv_in.weight': map['conv_in.bias'] === Object.values(map)[0] ? Object.values(map)[1] : Object.values(map)[0],
        other: Object.values(map)[0],
      },
    });
    expect(await refusal(folder)).toMatch(/says that .* holds a tensor which it does not/);
    await changeJson(index, { weight_map: { ...map, other: 'absent.safetensors' } });
    expect(await refusal(folder)).toContain(`${join(folder, 'unet', 'absent.safetensors')}: cannot be opened`);
    await writeFile(index, '['.repeat(100_000));
    expect(await refusal(folder)).toContain('JSON may be nested 64 deep');
  });

  it('where the header of the weights is enormous, or has an unknown element type', async () => {
    const { folder } = await checkpoint();
    const path = join(folder, 'unet', DIFFUSERS);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(2n ** 62n);
    await writeFile(path, size);
    expect(await refusal(folder)).toMatch(/the header may have at most 33554432 bytes/);
    const header = '{"a":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[0,1]}}';
    size.writeBigUInt64LE(BigInt(header.length));
    await writeFile(path, Buffer.concat([size, Buffer.from(`${header}x`)]));
    expect(await refusal(folder)).toMatch(/tensor a: dtype must be one of .* got ""F8_E8M0""/);
  });

  it('where a network is not ours', async () => {
    const { folder } = await checkpoint();
    await changeJson(join(folder, 'unet', 'config.json'), { class_embed_type: 'timestep' });
    expect(await refusal(folder)).toMatch(
      /unet\/config\.json: UNet2DConditionModel config: class_embed_type: not supported, got "timestep"/,
    );
    await changeJson(join(folder, 'model_index.json'), { vae: ['diffusers', 'AutoencoderKLWan'], unet: [null, null] });
    expect(await refusal(folder)).toMatch(
      /vae: this class of network cannot be converted, got "AutoencoderKLWan" \(accepted: UNet2DConditionModel, AutoencoderKL, /,
    );
  });

  it('where parts or the checkpoint itself are missing', async () => {
    const { folder } = await checkpoint();
    expect(await refusal(join(folder, 'nothing'))).toMatch(
      /^2 error: convert: the checkpoint must be a folder or a file/,
    );
    expect(await refusal(join(folder, 'tokenizer'))).toMatch(/tokenizer\/config\.json: is missing/);
    await changeJson(join(folder, 'model_index.json'), { tokenizer_2: ['transformers', 'CLIPTokenizer'] });
    expect(await refusal(folder)).toMatch(/part tokenizer_2 is missing/);
    await changeJson(join(folder, 'model_index.json'), {
      tokenizer_2: [null, null],
      '../unet': ['diffusers', 'AutoencoderKL'],
    });
    expect(await refusal(folder)).toMatch(/a component must have a plain name, got "\.\.\/unet"/);
  });

  it('where the result exists, the flags are wrong, or Ctrl-C was pressed', async () => {
    const { folder } = await checkpoint();
    const parent = await temporaryFolder();
    await mkdir(join(parent, 'there'));
    const { notes, exitCode } = await runCaptured(['convert', folder, '--out', join(parent, 'there')]);
    expect([exitCode, notes[0]]).toEqual([2, expect.stringMatching(/^error: --out: must not exist yet/)]);
    expect(await refusal(folder, '--dtype', 'f8')).toMatch(/^2 error: .*--dtype.*Allowed choices are f32, f16/);
    const file = join(folder, 'model_index.json');
    const below = await runCaptured(['convert', folder, '--out', join(file, 'out')]);
    expect(below.notes).toEqual([expect.stringMatching(/^error: .*out: cannot be written: E(EXIST|NOTDIR)/)]);
    const out = join(parent, 'deep', 'deeper');
    const stopped = await runCaptured(['convert', folder, '--out', out], AbortSignal.abort());
    expect([stopped.exitCode, stopped.notes]).toEqual([130, ['interrupted']]);
    expect(await readdir(parent)).toEqual(['there']);
  });
});
