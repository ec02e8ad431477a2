import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ops, trace } from '@lascaux/nn';
import { writeComponent } from '@lascaux/nn/onnx';
import { loadT5Tokenizer, loadTextEncoder } from '@lascaux/text-encoder';

// Log probabilities: "▁cat" (−3) beats "▁c" + "at" (−2 − 2), "▁d" + "og" (−4) is the only way to write "dog".
const PIECES: readonly (readonly [string, number])[] = [
  ['<pad>', 0],
  ['</s>', 0],
  ['<unk>', 0],
  ['▁a', -1],
  ['▁cat', -3],
  ['▁c', -2],
  ['at', -2],
  ['▁d', -2],
  ['og', -2],
];
const SPECIAL = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
const TOKENIZER = {
  version: '1.0',
  added_tokens: PIECES.slice(0, 3).map(([content], id) => ({ id, content, ...SPECIAL })),
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  post_processor: null,
  decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  model: { type: 'Unigram', unk_id: 2, vocab: PIECES },
};
const CONFIG = { tokenizer_class: 'T5Tokenizer', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>' };

let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-t5-'));
  await mkdir(join(root, 'tokenizer_2'));
  await writeFile(join(root, 'tokenizer_2', 'tokenizer.json'), JSON.stringify(TOKENIZER));
  await writeFile(join(root, 'tokenizer_2', 'tokenizer_config.json'), JSON.stringify(CONFIG));
  // An "encoder" that hands the ids through a table of one column, 10 · id.
  const program = trace({ input_ids: { shape: ['batch', 'sequence'], dtype: 'int64' } }, (scope, { input_ids }) => ({
    last_hidden_state: ops.gather(scope.at('shared').parameter('weight', [9, 1], { kind: 'zeros' }), input_ids),
  }));
  const weights = new Map([['shared.weight', Float32Array.from({ length: 9 }, (_, id) => 10 * id)]]);
  await writeComponent(join(root, 'text_encoder_2'), { program, weights, config: { vocab_size: 9 } });
});
afterAll(() => rm(root, { recursive: true }));

describe('loadT5Tokenizer', () => {
  it('frames with the end token alone and pads with its own token', async () => {
    const tokenizer = await loadT5Tokenizer(join(root, 'tokenizer_2'), { maxLength: 6 });
    expect(tokenizer).toMatchObject({ maxLength: 6, endId: 1, padId: 0, vocabSize: 9 });
    expect(tokenizer.encode('a cat')).toEqual({ ids: [3, 4, 1, 0, 0, 0], truncated: 0 });
    expect(tokenizer.encode('')).toEqual({ ids: [1, 0, 0, 0, 0, 0], truncated: 0 });
  });

  it('keeps the end token when it truncates', async () => {
    const tokenizer = await loadT5Tokenizer(join(root, 'tokenizer_2'), { maxLength: 4 });
    expect(tokenizer.encode('a dog a cat')).toEqual({ ids: [3, 7, 8, 1], truncated: 2 });
  });

  it('names what is missing', async () => {
    await expect(loadT5Tokenizer(join(root, 'nowhere'))).rejects.toThrow(
      'tokenizer.json: is needed for a T5 tokenizer',
    );
    await expect(loadT5Tokenizer(root, { maxLength: 0 })).rejects.toThrow('at least 1, got 0');
  });
});

describe('loadTextEncoder with T5', () => {
  it('refuses a length without room', async () => {
    await expect(loadTextEncoder(root, { component: 'text_encoder_2', maxLength: 1 })).rejects.toThrow(
      'at least 2, got 1',
    );
  });

  it('chooses the tokenizer by its config', async () => {
    const encoder = await loadTextEncoder(root, { component: 'text_encoder_2', maxLength: 4 });
    const { lastHiddenState, pooled } = await encoder.encode(['a cat', 'a dog a']);
    expect(lastHiddenState.dims).toEqual([2, 4, 1]);
    expect([...(lastHiddenState.data as Float32Array)]).toEqual([30, 40, 10, 0, 30, 70, 80, 10]);
    expect(pooled).toBeUndefined();
    await encoder.dispose();
  });
});
