import { cp, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoTokenizer, CLIPTextModelWithProjection, type Tensor } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTextEncoder, saveTokenizer } from '@lascaux/text-encoder';
import { tokenizer, writeTinyModel } from './tiny-encoder.js';

const PROMPTS = ['a cat', '', 'three dogs on a mint green background, in the style of noto, please'];

let root = '';
let weights: ReadonlyMap<string, Float32Array>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-text-encoder-'));
  weights = await writeTinyModel(join(root, 'model'));
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

describe('transformers.js', () => {
  it('loads the folder with CLIPTextModelWithProjection and gives the same embeddings', async () => {
    const directory = join(root, 'model');
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
  });
});
