import { randomStream, trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { loadLexicon, loadPhrases, painterEmojis, painterScene, STYLES } from '@lascaux/scenes';
import { clipTokenizer, trainBpe } from '@lascaux/text-encoder';
import {
  CAPTION_SHARES,
  CODE_LENGTH,
  CODE_PARTS,
  LATENT_LENGTH,
  MAX_TOKENS,
  painterBatches,
  painterTextConfig,
  polishInputs,
  polishLoss,
  principalComponents,
  shrink,
  SLOTS,
  slotTokens,
  textBatches,
  textInputs,
  textLoss,
  captionTokens,
  TOKEN_LENGTH,
  type LatentStore,
} from '@lascaux/train-mini';
import { adamw, traceTrainingStep } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

const emojis = painterEmojis();
const source = { lexicon: loadLexicon(emojis), phrases: loadPhrases() };
const tokenizer = clipTokenizer(
  trainBpe(['a cat', 'a dog on a red background'], { vocabSize: 600, maxLength: MAX_TOKENS }),
);
const position = { imagesSeen: 64, step: 2 };

describe('principalComponents', () => {
  it('finds the directions of largest variance, in their order', async () => {
    const random = randomStream(3);
    const deviations = [5, 3, 1, 0.2];
    const vectors = Array.from({ length: 400 }, () => {
      const [a, b, c, d] = random.normal(4).map((value, i) => value * deviations[i]!);
      // Axes 0 and 1 turned by 45 degrees, and a mean that is not 0; the other axes as they are.
      const half = Math.SQRT1_2;
      const long = new Float32Array(24);
      long.set([half * (a! - b!) + 7, half * (a! + b!), c!, d!]);
      return long;
    });
    const found = await principalComponents(onnxEngine({ threads: 1 }), vectors, 3);
    const { mean, basis, scores, variances, totalVariance } = found;
    expect(mean[0]).toBeCloseTo(7, 0);
    expect([...variances].map((variance) => Math.sqrt(variance).toFixed(0))).toEqual(['5', '3', '1']);
    expect(Math.abs(basis[0]!)).toBeCloseTo(Math.SQRT1_2, 1);
    expect(Math.abs(basis[1]!)).toBeCloseTo(Math.SQRT1_2, 1);
    const first = vectors[5]!.reduce((sum, value, i) => sum + (value - mean[i]!) * basis[i]!, 0);
    expect(scores[5 * 3]).toBeCloseTo(first, 4);
    expect(totalVariance).toBeGreaterThan([...variances].reduce((sum, variance) => sum + variance, 0));
  });
});

describe('the text encoder of the painter', () => {
  const nouns = emojis.length;
  const batch = textBatches({ source, tokenizer, nouns, batchSize: 8, seed: 4 });
  const given = { ...position, random: randomStream(0) };
  const config = painterTextConfig(tokenizer);

  it('is shown the same captions at the same position, with what they say', async () => {
    const { inputs, images } = await batch(given);
    expect(images).toBe(8);
    expect((await batch(given)).inputs).toEqual(inputs);
    const scene = painterScene({ seed: 4, count: nouns, shares: CAPTION_SHARES }, 64);
    const drawing = scene.items[0]!.emoji * STYLES.length + STYLES.indexOf(scene.style);
    expect(Number((inputs.drawingA as BigInt64Array)[0])).toBe(drawing);
    expect(Number((inputs.nounA as BigInt64Array)[0])).toBe(scene.items[0]!.emoji);
    const isAlone = scene.kind !== 'relation';
    expect(Number((inputs.drawingB as BigInt64Array)[0]) === nouns * STYLES.length).toBe(isAlone);
    expect((inputs.hasB as Float32Array)[0]).toBe(isAlone ? 0 : 1);
    // The first place that is read is a slot of thing A.
    const first = (inputs.picks as Float32Array).slice(0, MAX_TOKENS);
    expect(Math.floor((first.indexOf(1) - (MAX_TOKENS - SLOTS)) / CODE_PARTS)).toBe(0);
  });

  it('has a step that says how many drawings are found', async () => {
    const engine = onnxEngine({ threads: 1 });
    const step = traceTrainingStep({
      inputs: textInputs(8),
      loss: (scope, inputs) => textLoss(scope, inputs, { config, nouns }),
      optimizer: adamw(),
    });
    expect(step.metrics).toEqual(expect.arrayContaining(['drawing_a', 'noun_a']));
    await engine.compile(step.program).then((executable) => executable.dispose());
  });
});

describe('tokens of captions', () => {
  const codes = { code: (index: number) => new Float32Array(CODE_PARTS * CODE_LENGTH).fill(index) };
  const shares = { single: 0.4, count: 0.2, coloured: 0.5, white: 0.3 };
  const scenes = Array.from({ length: 400 }, (_, i) => painterScene({ seed: 5, count: 3, shares }, i));

  it('tell scenes apart, but for places and sizes', () => {
    const facts = ({ kind, style, ground, relation, items }: (typeof scenes)[number]): string =>
      JSON.stringify([kind, style, ground, relation, items.map(({ emoji, colour }) => [emoji, colour])]);
    const byFacts = new Map(scenes.map((scene) => [facts(scene), String(slotTokens(scene, codes))]));
    expect(byFacts.size).toBeGreaterThan(300);
    expect(new Set(byFacts.values()).size).toBe(byFacts.size);
    for (const scene of scenes) expect(String(slotTokens(scene, codes))).toBe(byFacts.get(facts(scene)));
  });

  it('are those of the slots, and zeros elsewhere', () => {
    const tokens = captionTokens(scenes[0]!, codes);
    expect(tokens.slice(-SLOTS * TOKEN_LENGTH)).toEqual(slotTokens(scenes[0]!, codes));
    expect(tokens.slice(0, -SLOTS * TOKEN_LENGTH).every((value) => value === 0)).toBe(true);
  });
});

describe('batches of the painter’s denoiser', () => {
  const store: LatentStore = { length: 50, latent: (i) => new Float32Array(LATENT_LENGTH).fill(i) };
  const shares = { single: 0.5, count: 0.25, coloured: 0.2, white: 0.3 };
  const scenes = { seed: 1, count: emojis.length, shares };
  const alphaBars = Float64Array.from({ length: 1000 }, (_, t) => Math.cos(((t + 1) / 1001) * (Math.PI / 2)) ** 2);
  const codes = { code: () => new Float32Array(CODE_PARTS * CODE_LENGTH).fill(1) };
  const options = {
    ...{ store, scenes, codes, alphaBars, batchSize: 64 },
    scaling: { scalingFactor: 2, shiftFactor: 1 },
  };
  const latents = (inputs: Readonly<Record<string, unknown>>): number[] =>
    Array.from({ length: 64 }, (_, k) => (inputs.latent as Float32Array)[k * LATENT_LENGTH]! / 2 + 1);

  it('are scaled, of all kinds, with nearly exact tokens', async () => {
    const batch = painterBatches(options);
    const { inputs } = await batch({ ...position, random: randomStream(7) });
    const kinds = new Set(latents(inputs).map((i) => painterScene(scenes, i).kind));
    expect(kinds.size).toBeGreaterThan(1);
    const length = MAX_TOKENS * TOKEN_LENGTH;
    const tokens = inputs.tokens as Float32Array;
    const slotA = (k: number): Float32Array => {
      const begin = k * length + (MAX_TOKENS - SLOTS) * TOKEN_LENGTH;
      return tokens.slice(begin, begin + CODE_LENGTH);
    };
    // The code is of ones here, with a little noise.
    const deviations = Array.from({ length: 64 }, (_, k) =>
      Math.sqrt(slotA(k).reduce((sum, value) => sum + (value - 1) ** 2, 0) / CODE_LENGTH),
    );
    expect(Math.max(...deviations)).toBeLessThan(0.06);
    expect(Math.max(...deviations)).toBeGreaterThan(0.03);
  });

  it('have signal and sigma of their timesteps, which lean towards noise and reach both ends', async () => {
    const batch = painterBatches(options);
    const seen: number[] = [];
    for (let i = 0; i < 30; i++) {
      const { inputs } = await batch({ imagesSeen: i * 64, step: i, random: randomStream(i) });
      const timestep = inputs.timestep as Float32Array;
      timestep.forEach((t, k) => {
        expect((inputs.signal as Float32Array)[k]! ** 2).toBeCloseTo(alphaBars[t]!, 5);
        expect((inputs.sigma as Float32Array)[k]! ** 2).toBeCloseTo(1 - alphaBars[t]!, 5);
      });
      seen.push(...timestep);
    }
    const within = (low: number, high: number): number => seen.filter((t) => t >= low && t < high).length / seen.length;
    expect(within(500, 1000)).toBeGreaterThan(0.6);
    expect(within(250, 500)).toBeGreaterThan(0.12);
    expect(within(950, 1000)).toBeGreaterThan(0.005);
    expect(within(0, 50)).toBeGreaterThan(0.005);
  });
});

describe('the polish of the decoder', () => {
  it('has a step whose loss is that of absolute errors, more at edges, and of neighbours', async () => {
    const engine = onnxEngine({ threads: 1 });
    const types = polishInputs(1, 32);
    const program = trace(types, (scope, inputs) => {
      const { loss, metrics } = polishLoss(scope, inputs);
      return { loss, edges: metrics.edge_energy };
    });
    // A network of zeros decodes to black in the middle of [−1, 1]: 0 everywhere.
    const parameters = Object.fromEntries(
      program.inputs.flatMap(({ name, parameter }) => {
        if (parameter === undefined) return [];
        const size = parameter.shape.reduce((a, b) => a * b, 1);
        return [[name, engine.upload(new Float32Array(size), parameter.shape)]];
      }),
    );
    const executable = await engine.compile(program);
    const side = 32;
    // The left half is −0.5, the right half 0.5: one column of edges of height 1.
    const pixels = Float32Array.from({ length: 3 * side * side }, (_, i) => (i % side < side / 2 ? -0.5 : 0.5));
    const { loss, edges } = await executable.run({
      ...parameters,
      pixels: engine.upload(pixels, types.pixels.shape),
      latent: engine.upload(new Float32Array(32), types.latent.shape),
    });
    const atPixels = 0.5 * (1 + 3 / side);
    const between = 1 / (side - 1);
    expect(((await loss!.read()) as Float32Array)[0]).toBeCloseTo(atPixels + 0.5 * between, 5);
    expect(((await edges!.read()) as Float32Array)[0]).toBeCloseTo(0, 5);
  });
});

describe('shrink', () => {
  it('averages blocks of each channel', () => {
    const image = Float32Array.from({ length: 3 * 16 }, (_, i) => (i < 16 ? i : 1));
    expect([...shrink(image, 4, 2)]).toEqual([2.5, 4.5, 10.5, 12.5, ...Array.from({ length: 8 }, () => 1)]);
  });
});
