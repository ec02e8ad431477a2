import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from '@lascaux/nn';
import {
  embedPrompt,
  emphasise,
  finalNorm,
  loadTextEncoder,
  promptTokens,
  type TextEncoder,
} from '@lascaux/text-encoder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyClip } from './tiny-encoder.js';

let folder: string;
let encoder: TextEncoder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-embed-'));
  await writeTinyClip(folder);
  encoder = await loadTextEncoder(folder);
});
afterAll(async () => {
  await encoder.dispose();
  await rm(folder, { recursive: true });
});

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value / values.length, 0);
const floats = (tensor: { data: unknown } | undefined): Float32Array => tensor?.data as Float32Array;
const embed = async (prompt: string, options = {}) =>
  embedPrompt(encoder, promptTokens(encoder.tokenizer, prompt, options));

describe('emphasise', () => {
  it('weights tokens and restores the mean', () => {
    // (1 + 2 + 3 + 4) / (1 + 2 + 2·3 + 2·4) = 10 / 17
    expect([...emphasise(Float32Array.of(1, 2, 3, 4), [1, 2])]).toEqual(
      [1, 2, 6, 8].map((value) => Math.fround((value * 10) / 17)),
    );
  });

  it('leaves states alone that have no weights, or no mean to restore', () => {
    const states = Float32Array.of(1, 2);
    expect(emphasise(states, [1, 1])).toBe(states);
    expect([...emphasise(Float32Array.of(1, -1), [2, 2])]).toEqual([2, -2]);
  });
});

describe('embedPrompt', () => {
  it("gives the encoder's own numbers for a prompt without weights", async () => {
    for (const prompt of ['a cat', '', 'a cat on a blue background']) {
      const { states, pooled } = await embed(prompt);
      const own = await encoder.encode([prompt]);
      expect(states.dims).toEqual([1, 12, 16]);
      expect(floats(states)).toEqual(floats(own.lastHiddenState));
      expect(floats(pooled)).toEqual(floats(own.pooled));
    }
  });

  it('weights tokens, keeps the mean and the pooled state', async () => {
    const [plain, weighted] = [await embed('a cat'), await embed('a (cat:1.5)')];
    expect(floats(weighted.states)).not.toEqual(floats(plain.states));
    expect(mean(floats(weighted.states))).toBeCloseTo(mean(floats(plain.states)), 6);
    expect(floats(weighted.pooled)).toEqual(floats(plain.pooled));
    // token 2 against token 1: the factor of the mean drops out
    const ratio = (token: number) => floats(weighted.states)[token * 16]! / floats(plain.states)[token * 16]!;
    expect(ratio(2) / ratio(1)).toBeCloseTo(1.5, 5);
  });

  it('takes weights as far as float32 goes, and names the one that goes beyond', async () => {
    const { states } = await embed('a (cat:1000000000000000000000000000000)');
    expect(floats(states).every(Number.isFinite)).toBe(true);
    for (const prompt of [`a (cat:${'9'.repeat(50)})`, `a (cat:${'9'.repeat(400)})`, `${'('.repeat(10_000)}cat`])
      await expect(embed(prompt)).rejects.toThrow(/^prompt: a weight is too large: .*, got (1e\+50|Infinity)$/);
  });

  it('joins sequences of a long prompt, each as it is alone', async () => {
    const { states, pooled } = await embed('a cat BREAK a dog');
    const own = await encoder.encode(['a cat', 'a dog']);
    expect(states.dims).toEqual([1, 24, 16]);
    expect(floats(states)).toEqual(floats(own.lastHiddenState));
    expect(floats(pooled)).toEqual(floats(own.pooled).slice(0, 8));
  });

  it('reads brackets and BREAK as text in plain syntax, and leaves out what does not fit', () => {
    const { tokenizer } = encoder;
    const tokens = promptTokens(tokenizer, '(cat:2) BREAK', { syntax: 'plain' });
    expect(tokens.chunks[0]!.ids).toEqual(tokenizer.encode('(cat:2) BREAK').ids);
    const long = 'cat '.repeat(15);
    expect(promptTokens(tokenizer, long, { syntax: 'plain' })).toMatchObject({ truncated: 5, chunks: [{}] });
    expect(promptTokens(tokenizer, long, { long: false })).toMatchObject({ truncated: 5, chunks: [{}] });
    expect(promptTokens(tokenizer, long)).toMatchObject({ truncated: 0, chunks: [{}, {}] });
  });
});

describe('finalNorm', () => {
  it('finds gain and bias of the last layer norm', async () => {
    const normalize = await finalNorm(encoder);
    const { gain, bias } = await readNorm();
    const states = Float32Array.from({ length: 32 }, (_, i) => Math.sin(3 * i) + i / 8);
    const normalized = normalize(states);
    for (const row of [0, 1]) {
      const x = [...states.subarray(16 * row, 16 * row + 16)];
      const center = x.reduce((a, b) => a + b) / 16;
      const variance = x.reduce((a, b) => a + (b - center) ** 2, 0) / 16;
      x.forEach((value, c) => {
        const expected = ((value - center) / Math.sqrt(variance + 1e-5)) * gain[c]! + bias[c]!;
        expect(normalized[16 * row + c]).toBeCloseTo(expected, 4);
      });
    }
  });

  it('gives the last hidden state back from the one before the norm', async () => {
    const tokens = promptTokens(encoder.tokenizer, 'a red cat');
    const again = await embedPrompt(encoder, tokens, { hiddenState: -1, normalize: await finalNorm(encoder) });
    const last = await embedPrompt(encoder, tokens);
    floats(again.states).forEach((value, i) => expect(value).toBeCloseTo(floats(last.states)[i]!, 4));
  });

  it('says when the graph hands out no hidden states', async () => {
    await expect(finalNorm({ ...encoder, hasHiddenStates: false })).rejects.toThrow(
      'does not hand out its hidden states',
    );
  });
});

async function readNorm() {
  const { tensors } = await readSafetensors(join(folder, 'text_encoder', 'model.safetensors'));
  const read = (name: string) => floats(tensors.get(`text_model.final_layer_norm.${name}`));
  return { gain: read('weight'), bias: read('bias') };
}
