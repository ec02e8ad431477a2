import { parametersOf, randomStream, trace, type Program } from '@lascaux/nn';
import { clipText } from '@lascaux/nn/networks';
import { onnxEngine } from '@lascaux/nn/onnx';
import { painterEmojis, STYLES } from '@lascaux/scenes';
import { clipTokenizer, trainBpe } from '@lascaux/text-encoder';
import {
  CODE_LENGTH,
  CODE_PARTS,
  codebookEncoder,
  filledUp,
  leastSquare,
  MAX_TOKENS,
  painterTextConfig,
  picksOf,
  placesRead,
  pooledState,
  readerStart,
  readPrompts,
  readStates,
  SLOTS,
  TOKEN_LENGTH,
  withoutMemory,
} from '@lascaux/train-mini';
import { initializeParameters } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

const nouns = painterEmojis().length;
const tokenizer = clipTokenizer(
  trainBpe(['a cat', 'a dog on a red background'], { vocabSize: 600, maxLength: MAX_TOKENS }),
);
const config = painterTextConfig(tokenizer);
const engine = onnxEngine({ threads: 1 });
const texts = ['a cat', 'a dog', 'a cat on a red background', ''];
const rows = texts.map((text) => tokenizer.encode(text).ids);
const ids = { shape: [texts.length, MAX_TOKENS], dtype: 'int64' as const };
const FIRST_SLOT = MAX_TOKENS - SLOTS;
const picked = { ids, picks: { shape: [texts.length, placesRead(0, 0).length, MAX_TOKENS] } };

/** The outputs of a program for the texts, read at a part's slots. */
async function run(program: Program, weights: ReadonlyMap<string, Float32Array>, part = 0) {
  const executable = await engine.compile(program);
  const parameters = program.inputs.flatMap(({ name, parameter }) =>
    parameter === undefined ? [] : [[name, engine.upload(weights.get(parameter.name)!, parameter.shape)] as const],
  );
  const places = rows.map((row) => placesRead(row.indexOf(tokenizer.endId), part));
  const given: Record<string, ReturnType<typeof engine.upload>> = {
    ids: engine.upload(BigInt64Array.from(rows.flat(), BigInt), ids.shape),
    end: engine.upload(BigInt64Array.of(BigInt(tokenizer.endId)), [1]),
    picks: engine.upload(picksOf(places), picked.picks.shape),
  };
  const inputs = program.inputs.flatMap(({ name }) =>
    given[name] === undefined ? [] : [[name, given[name]] as const],
  );
  const outputs = await executable.run({ ...Object.fromEntries(parameters), ...Object.fromEntries(inputs) });
  const values: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(outputs))
    values[name] = Float32Array.from((await tensor.read()) as Float32Array);
  await executable.dispose();
  return values;
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const cosine = (a: Float32Array, b: Float32Array): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

const all = new Map(
  Array.from({ length: nouns * STYLES.length }, (_, drawing) => [
    drawing,
    randomStream(`code ${drawing}`).normal(CODE_PARTS * CODE_LENGTH),
  ]),
);
const codes = {
  code: (index: number, style: (typeof STYLES)[number]) => all.get(index * STYLES.length + STYLES.indexOf(style))!,
};

describe('values of the memory', () => {
  it('have mean 0 and all the same length, with spare numbers that say that the place is taken', () => {
    const token = new Float32Array(TOKEN_LENGTH);
    token.set(randomStream(1).normal(CODE_LENGTH));
    const square = 2 * leastSquare(token);
    const value = filledUp(token, square);
    expect(value.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 3);
    expect(dot(value, value)).toBeCloseTo(square, 2);
    expect(value.slice(0, -2)).toEqual(token.slice(0, -2));
    expect(value.at(-2)).toBeGreaterThan(0);
    expect(value.at(-1)).toBeLessThan(0);
  });
});

describe('the encoder with a memory', () => {
  const reading = trace(picked, (scope, inputs) => {
    const { A, B, end, classes } = readPrompts(scope, inputs, { config, nouns });
    return { A, B, end, ...classes };
  });
  const trained = initializeParameters(parametersOf(reading), 'trained');
  for (const [name, values] of trained)
    if (name.startsWith('heads.') && name.endsWith('weight'))
      trained.set(
        name,
        values.map((value) => 8 * value),
      );

  it('gives at every slot the mean of what the classifier’s answers stand for, weighed by its logits above 0', async () => {
    const encoder = codebookEncoder(trained, { codes, nouns });
    const encoding = trace({ ids }, (scope, inputs) => ({
      states: clipText(scope, config, inputs.ids).last_hidden_state,
    }));
    const { states } = await run(encoding, encoder);
    const tokenAt = (k: number, place: number): Float32Array =>
      states!.slice((k * MAX_TOKENS + place) * TOKEN_LENGTH, (k * MAX_TOKENS + place + 1) * TOKEN_LENGTH);
    for (let part = 0; part < CODE_PARTS; part++) {
      const logits = await run(reading, trained, part);
      for (let k = 0; k < texts.length; k++)
        for (const [thing, name] of (['A', 'B'] as const).entries()) {
          const keys = nouns * STYLES.length + 2;
          const units = logits[name]!.slice(k * keys, (k + 1) * keys).map((value) => Math.max(value, 0));
          const wanted = new Float32Array(CODE_LENGTH);
          for (const [drawing, code] of all)
            wanted.forEach((_, i) => (wanted[i]! += units[drawing]! * code[part * CODE_LENGTH + i]!));
          const slot = thing * CODE_PARTS + part;
          const token = tokenAt(k, FIRST_SLOT + slot);
          expect(cosine(token.slice(0, CODE_LENGTH), wanted)).toBeGreaterThan(0.99);
          expect(token[CODE_LENGTH + slot]).toBeGreaterThan(0);
          const others = token.slice(CODE_LENGTH).filter((_, i) => i !== slot);
          expect(Math.max(...others.map(Math.abs))).toBeLessThan(0.2 * token[CODE_LENGTH + slot]!);
        }
    }
    for (let place = 0; place < FIRST_SLOT; place++) {
      const token = tokenAt(2, place);
      expect(dot(token, token) / TOKEN_LENGTH).toBeLessThan(0.01);
    }
  });

  it('ends texts in the same state without its memory', async () => {
    const pooled = async (layers: number, weights: ReadonlyMap<string, Float32Array>): Promise<Float32Array> => {
      const program = trace({ ids }, (scope, inputs) => ({
        pooled: clipText(scope, { ...config, num_hidden_layers: layers }, inputs.ids).pooler_output,
      }));
      return (await run(program, weights)).pooled!;
    };
    const whole = await pooled(config.num_hidden_layers, codebookEncoder(trained, { codes, nouns }));
    const short = await pooled(3, withoutMemory(trained, { codes, nouns }));
    expect(cosine(whole, short)).toBeGreaterThan(0.9999);
    expect(dot(whole, whole)).toBeGreaterThan(0);
  });

  it('begins as a pooled reader at each of its slots', async () => {
    const alone = trace({ ids, end: { shape: [1], dtype: 'int64' } }, (scope, inputs) => ({
      state: pooledState(scope, inputs, config),
    }));
    const encoding = trace(picked, (scope, inputs) => ({ states: readStates(scope, inputs, config) }));
    const reader = initializeParameters(parametersOf(alone), 'reader');
    // Large enough that what is drawn beside it counts little.
    for (const name of ['self_attn.out_proj.weight', 'token_embedding.weight'])
      reader.set(
        name,
        reader.get(name)!.map((value) => 4 * value),
      );
    const { state } = await run(alone, reader);
    const drawn = initializeParameters(parametersOf(encoding), 'encoder');
    const began = async (weights: ReadonlyMap<string, Float32Array>): Promise<number> => {
      const { states } = await run(encoding, weights, 0);
      const width = config.hidden_size;
      const first = texts.flatMap((_, k) => {
        const begin = k * placesRead(0, 0).length * width;
        return [...states!.slice(begin, begin + width)];
      });
      return cosine(state!, Float32Array.from(first));
    };
    expect(await began(new Map([...drawn, ...readerStart(reader, drawn)]))).toBeGreaterThan(0.95);
    expect(await began(drawn)).toBeLessThan(0.5);
  });
});
