import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { clipTokenizer, textEncoder, trainBpe, type TensorDeclaration, type TextSession } from '@lascaux/text-encoder';
import { CAPTIONS } from './captions.js';

const tokenizer = clipTokenizer(trainBpe(CAPTIONS, { vocabSize: 700, maxLength: 6 }));
const LENGTH = tokenizer.maxLength;

type Feeds = Readonly<Record<string, Tensor>>;

interface FakeOptions {
  readonly inputs?: readonly TensorDeclaration[];
  readonly outputs?: readonly string[];
  readonly output?: (name: string, ids: readonly number[]) => Tensor;
}

const inputIds = (type: string, length: number | string = 'sequence'): TensorDeclaration => ({
  name: 'input_ids',
  isTensor: true,
  type,
  shape: ['batch', length],
});

/** Hidden states [1, S, 1] are the ids themselves; anything else is the pooled [1, 1], their sum. */
function idsAsOutput(name: string, ids: readonly number[]): Tensor {
  const isPooled = name === 'text_embeds' || name === 'pooler_output';
  const values = isPooled ? [ids.reduce((sum, id) => sum + id, 0)] : ids;
  return new Tensor('float32', Float32Array.from(values), isPooled ? [1, 1] : [1, ids.length, 1]);
}

function fakeSession({
  inputs = [inputIds('int64')],
  outputs = ['last_hidden_state'],
  output = idsAsOutput,
}: FakeOptions) {
  const calls: { feeds: Feeds; fetches: readonly string[] }[] = [];
  const events: string[] = [];
  const session: TextSession = {
    inputMetadata: inputs,
    outputMetadata: outputs.map((name) => ({ name, isTensor: true })),
    run: async (feeds, fetches) => {
      calls.push({ feeds, fetches });
      await new Promise((resolve) => setTimeout(resolve, 1));
      events.push('ran');
      const ids = Array.from(feeds.input_ids?.data as BigInt64Array | Int32Array, Number);
      return Object.fromEntries(fetches.map((name) => [name, output(name, ids)]));
    },
    release: () => Promise.resolve(void events.push('released')),
  };
  return { session, calls, events };
}

const idsOf = (text: string): number[] => tokenizer.encode(text).ids;

describe('textEncoder', () => {
  it.each([
    ['int32', Int32Array],
    ['int64', BigInt64Array],
  ])('feeds ids as the declared %s', async (type, arrayType) => {
    const { session, calls } = fakeSession({ inputs: [inputIds(type)] });
    const { lastHiddenState } = await textEncoder({ session, tokenizer }).encode(['a cat']);
    const ids = calls[0]?.feeds.input_ids;
    expect(ids?.type).toBe(type);
    expect(ids?.data).toBeInstanceOf(arrayType);
    expect(ids?.dims).toEqual([1, LENGTH]);
    expect([...(lastHiddenState.data as Float32Array)]).toEqual(idsOf('a cat'));
  });

  it('stacks prompts in their order, and tells what was truncated', async () => {
    const { session } = fakeSession({ outputs: ['pooler_output', 'last_hidden_state'] });
    const embedding = await textEncoder({ session, tokenizer }).encode(['a dog', '', 'a cat on a blue background']);
    expect(embedding.lastHiddenState.dims).toEqual([3, LENGTH, 1]);
    expect(embedding.pooled?.dims).toEqual([3, 1]);
    expect(embedding.truncated).toEqual([0, 0, 2]);
    expect(embedding.ids).toEqual(['a dog', '', 'a cat on a blue background'].map(idsOf));
    expect([...(embedding.lastHiddenState.data as Float32Array)]).toEqual(embedding.ids.flat());
    expect(embedding.hiddenState).toBeUndefined();
  });

  it('prefers the projected embedding, and fetches only what it hands out', async () => {
    const hidden = Array.from({ length: 12 }, (_, i) => `hidden_states.${11 - i}`);
    const outputs = ['pooler_output', 'text_embeds', 'last_hidden_state', ...hidden];
    const { session, calls } = fakeSession({ outputs });
    const embedding = await textEncoder({ session, tokenizer, hiddenState: -2 }).encode(['a cat']);
    expect(calls[0]?.fetches).toEqual(['last_hidden_state', 'text_embeds', 'hidden_states.10']);
    expect(embedding.hiddenState?.dims).toEqual([1, LENGTH, 1]);
  });

  it('widens half precision', async () => {
    // 1, −2, 2⁻²⁴ (the smallest), 65504 (the largest), ∞, −0 as IEEE 754 halves
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000);
    const output = () => ({ type: 'float16', data: halves, dims: [1, 6, 1] }) as unknown as Tensor;
    const { session } = fakeSession({ output });
    const { lastHiddenState } = await textEncoder({ session, tokenizer }).encode(['a cat']);
    expect([...(lastHiddenState.data as Float32Array)]).toEqual([1, -2, 2 ** -24, 65504, Infinity, -0]);
  });

  it('fills an attention mask where the graph has one, up to the end token if asked', async () => {
    const inputs = [inputIds('int64'), { ...inputIds('int64'), name: 'attention_mask' }];
    const open = fakeSession({ inputs });
    await textEncoder({ session: open.session, tokenizer }).encode(['a']);
    expect(open.calls[0]?.feeds.attention_mask?.data).toEqual(BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n));
    const masked = fakeSession({ inputs });
    await textEncoder({ session: masked.session, tokenizer, attendPadding: false }).encode(['a']);
    expect(masked.calls[0]?.feeds.attention_mask?.data).toEqual(BigInt64Array.of(1n, 1n, 1n, 0n, 0n, 0n));
  });

  it('runs each distinct prompt once, also when calls overlap', async () => {
    const { session, calls } = fakeSession({});
    const encoder = textEncoder({ session, tokenizer });
    await Promise.all([encoder.encode(['a cat', 'a dog', 'a cat']), encoder.encode(['a dog'])]);
    await encoder.encode(['A  CAT']);
    expect(calls).toHaveLength(2);
  });

  it('forgets the least recent prompts', async () => {
    const { session, calls } = fakeSession({});
    const encoder = textEncoder({ session, tokenizer, cacheSize: 2 });
    for (const prompt of ['a cat', 'a dog', 'a cat', 'a pizza', 'a cat', 'a dog']) await encoder.encode([prompt]);
    expect(calls).toHaveLength(4);
  });

  it('does not remember a failure', async () => {
    let failures = 1;
    const output = (name: string, ids: readonly number[]): Tensor => {
      if (failures-- > 0) throw new Error('device lost');
      return idsAsOutput(name, ids);
    };
    const encoder = textEncoder({ session: fakeSession({ output }).session, tokenizer });
    await expect(encoder.encode(['a cat'])).rejects.toThrow('device lost');
    await expect(encoder.encode(['a cat'])).resolves.toBeDefined();
  });

  it('does not let a caller change what it remembers', async () => {
    const encoder = textEncoder({ session: fakeSession({}).session, tokenizer });
    const first = await encoder.encode(['a cat']);
    (first.lastHiddenState.data as Float32Array).fill(0);
    const second = await encoder.encode(['a cat']);
    expect([...(second.lastHiddenState.data as Float32Array)]).toEqual(idsOf('a cat'));
  });

  it('releases the session once, after running calls, and refuses later ones', async () => {
    const { session, events } = fakeSession({});
    const encoder = textEncoder({ session, tokenizer });
    const running = encoder.encode(['a cat', 'a dog']);
    await Promise.all([encoder.dispose(), encoder.dispose()]);
    expect(events).toEqual(['ran', 'ran', 'released']);
    await expect(running).resolves.toBeDefined();
    await expect(encoder.encode(['a cat'])).rejects.toThrow('was disposed');
  });

  it('refuses no prompts and sequences of another length', async () => {
    const encoder = textEncoder({ session: fakeSession({}).session, tokenizer });
    await expect(encoder.encode([])).rejects.toThrow('needs at least one prompt, got 0');
    await expect(encoder.encodeIds([[1, 2]])).rejects.toThrow('sequences must have 6 ids, got 2');
  });

  it.each<[string, FakeOptions & { hiddenState?: number }, string]>([
    ['no input_ids', { inputs: [] }, 'must have the input input_ids'],
    ['floating point ids', { inputs: [inputIds('float32')] }, 'got "float32" (accepted: int32, int64)'],
    ['an unknown input', { inputs: [inputIds('int64'), { ...inputIds('int64'), name: 'pixels' }] }, 'got "pixels"'],
    ['another fixed length', { inputs: [inputIds('int64', 77)] }, 'takes sequences of 77 tokens, .* got 6'],
    ['no hidden state', { outputs: ['sample'] }, 'must have the output last_hidden_state, got "sample"'],
    ['a hidden state too far', { hiddenState: -2 }, 'must have hidden state -2'],
  ])('refuses a session with %s', (_, { hiddenState, ...fake }, message) => {
    expect(() => textEncoder({ session: fakeSession(fake).session, tokenizer, hiddenState })).toThrow(
      new RegExp(message.replace(/[()]/g, '\\$&')),
    );
  });
});
