import { cp, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoTokenizer, CLIPTextModelWithProjection, type Tensor } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '@lascaux/nn';
import { loadTextEncoder, saveTokenizer } from '@lascaux/text-encoder';
import { tokenizer, writeTinyClip, writeTinyModel } from './tiny-encoder.js';

const PROMPTS = ['a cat', '', 'three dogs on a mint green background, in the style of noto, please'];

let root = '';
let weights: ReadonlyMap<string, Float32Array>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-text-encoder-'));
  weights = await writeTinyModel(join(root, 'model'));
  await writeTinyClip(join(root, 'clip'));
});
afterAll(() => rm(root, { recursive: true }));

/** Row `index` of a weight matrix. */
function row(name: string, index: number, width: number): Float32Array {
  return (weights.get(name) ?? new Float32Array()).subarray(index * width, (index + 1) * width);
}

/** What the tiny network computes, by hand: token + position, then the projection at the end token. */
function expected(ids: readonly number[]) {
  const hidden = ids.map((id, position) => {
    const place = row('position_embedding.weight', position, 5);
    return Array.from(row('token_embedding.weight', id, 5), (value, i) => value + (place[i] ?? NaN));
  });
  const end = hidden[ids.indexOf(tokenizer.endId)] ?? [];
  const project = (column: number) =>
    end.reduce((sum, value, i) => sum + value * (row('text_projection.weight', i, 3)[column] ?? NaN), 0);
  return { hidden: hidden.flat(), pooled: [0, 1, 2].map(project) };
}

function expectClose(actual: ArrayLike<number>, values: readonly number[], tolerance = 1e-5): void {
  expect(actual).toHaveLength(values.length);
  values.forEach((value, i) => expect(Math.abs((actual[i] ?? NaN) - value)).toBeLessThan(tolerance));
}

/** A copy of the model folder to break. */
async function copy(): Promise<string> {
  const directory = await mkdtemp(join(root, 'copy-'));
  await cp(join(root, 'model'), directory, { recursive: true });
  return directory;
}

describe('loadTextEncoder', () => {
  it('computes what the weights say, for a prompt that is too long too', async () => {
    const encoder = await loadTextEncoder(join(root, 'model'));
    const { lastHiddenState, pooled, ids, truncated } = await encoder.encode(PROMPTS);
    const values = ids.map(expected);
    expect(lastHiddenState.dims).toEqual([3, 12, 5]);
    expectClose(
      lastHiddenState.data as Float32Array,
      values.flatMap(({ hidden }) => hidden),
    );
    expectClose(
      pooled?.data as Float32Array,
      values.flatMap((value) => value.pooled),
    );
    expect(truncated.map((count) => count > 0)).toEqual([false, false, true]);
    await encoder.dispose();
  });

  it.each([
    ['int32 ids', { idType: 'int32' as const }, 1e-5],
    ['half-precision weights', { dtype: 'F16' as const }, 0.02],
  ])('reads a model with %s', async (name, options, tolerance) => {
    await writeTinyModel(join(root, name), options);
    const encoder = await loadTextEncoder(join(root, name));
    const { lastHiddenState, ids } = await encoder.encode(['a pizza']);
    expectClose(lastHiddenState.data as Float32Array, expected(ids[0] ?? []).hidden, tolerance);
    await encoder.dispose();
  });

  it('makes sequences no longer than the encoder has positions', async () => {
    const directory = await copy();
    await saveTokenizer(join(directory, 'tokenizer'), { ...tokenizer, maxLength: 77 });
    await writeFile(join(directory, 'text_encoder', 'config.json'), '{"max_position_embeddings": 12}');
    const encoder = await loadTextEncoder(directory);
    expect((await encoder.encode(['a cat'])).ids[0]).toHaveLength(12);
    await encoder.dispose();
  });

  it('finds the tokenizer that is numbered like its encoder, and needs no config.json', async () => {
    const directory = await mkdtemp(join(root, 'second-'));
    await cp(join(root, 'model', 'text_encoder'), join(directory, 'text_encoder_2'), { recursive: true });
    await cp(join(root, 'model', 'tokenizer'), join(directory, 'tokenizer_2'), { recursive: true });
    await rm(join(directory, 'text_encoder_2', 'config.json'));
    const encoder = await loadTextEncoder(directory, { component: 'text_encoder_2' });
    expect((await encoder.encode(['a cat'])).lastHiddenState.dims).toEqual([1, 12, 5]);
    await encoder.dispose();
  });

  it.each<[string, (directory: string) => Promise<unknown>, RegExp]>([
    ['a missing encoder', (dir) => rm(join(dir, 'text_encoder'), { recursive: true }), /text_encoder.model\.onnx/],
    [
      'a missing tokenizer',
      (dir) => rm(join(dir, 'tokenizer'), { recursive: true }),
      /tokenizer: holds no CLIP tokenizer/,
    ],
    ['a truncated graph', (dir) => truncate(join(dir, 'text_encoder', 'model.onnx'), 100), /text_encoder.model\.onnx/],
    [
      'truncated weights',
      (dir) => truncate(join(dir, 'text_encoder', 'model.safetensors'), 2000),
      /text_encoder.model\.onnx/,
    ],
    ['cut JSON', (dir) => writeFile(join(dir, 'text_encoder', 'config.json'), '{'), /config\.json: must be valid JSON/],
    [
      'a tokenizer of another model',
      (dir) => writeFile(join(dir, 'text_encoder', 'config.json'), '{"vocab_size": 10}'),
      /embeds 10 tokens, so its tokenizer cannot have more, got \d+/,
    ],
  ])('names %s', async (_, spoil, message) => {
    const directory = await copy();
    await spoil(directory);
    await expect(loadTextEncoder(directory)).rejects.toThrow(message);
  });
});

describe('a CLIP text model', () => {
  it('takes its length from the graph, looks only backwards, and hands out the hidden state asked for', async () => {
    const directory = join(root, 'clip');
    const encoder = await loadTextEncoder(directory, { hiddenState: -1 });
    const { ids, lastHiddenState, hiddenState, pooled } = await encoder.encode([
      'a cat',
      'a cat on a white background',
    ]);
    expect(ids[0]).toHaveLength(12);
    expect([lastHiddenState.dims, hiddenState?.dims, pooled?.dims]).toEqual([
      [2, 12, 16],
      [2, 12, 16],
      [2, 8],
    ]);
    const last = lastHiddenState.data as Float32Array;
    // Start, "a" and "cat" come first in both prompts; what follows differs.
    expectClose(last.subarray(192, 192 + 48), [...last.subarray(0, 48)]);
    expect(last.subarray(192 + 48, 192 + 64)).not.toEqual(last.subarray(48, 64));
    // The final layer norm (scale γ, shift β) leads from the last hidden state to the output.
    const { tensors } = await readSafetensors(join(directory, 'text_encoder', 'model.safetensors'));
    const read = (name: string) => tensors.get(`text_model.final_layer_norm.${name}`)?.data as Float32Array;
    const row = Array.from((hiddenState?.data as Float32Array).subarray(0, 16));
    const mean = row.reduce((sum, x) => sum + x, 0) / 16;
    const deviation = Math.sqrt(row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 16 + 1e-5);
    const normed = row.map((x, i) => ((x - mean) / deviation) * read('weight')[i]! + read('bias')[i]!);
    expectClose(last.subarray(0, 16), normed, 1e-4);
    await encoder.dispose();
  });
});

describe('transformers.js', () => {
  it.each(['model', 'clip'])(
    'loads the %s folder with CLIPTextModelWithProjection and gives the same embeddings',
    async (name) => {
      const directory = join(root, name);
      expect((await readdir(join(directory, 'text_encoder'))).sort()).toEqual([
        'config.json',
        'model.onnx',
        'model.safetensors',
      ]);
      const local = { local_files_only: true };
      const theirTokenizer = await AutoTokenizer.from_pretrained(join(directory, 'tokenizer'), local);
      const model = await CLIPTextModelWithProjection.from_pretrained(join(directory, 'text_encoder'), {
        ...local,
        subfolder: '',
        model_file_name: 'model',
      });
      const encoder = await loadTextEncoder(directory);
      for (const prompt of ['a cat', 'a dog on a white background']) {
        const inputs = theirTokenizer(prompt, { padding: 'max_length', max_length: tokenizer.maxLength }) as Record<
          string,
          Tensor
        >;
        const theirs = (await model(inputs)) as { text_embeds: Tensor; last_hidden_state: Tensor };
        const ours = await encoder.encode([prompt]);
        expect(theirs.text_embeds.data).toEqual(ours.pooled?.data);
        expect(theirs.last_hidden_state.data).toEqual(ours.lastHiddenState.data);
      }
      await Promise.all([model.dispose(), encoder.dispose()]);
    },
  );
});
