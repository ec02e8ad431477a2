import { join } from 'node:path';
import { TOKENS, changeJson, pixArtCheckpoint, pixArtModel, temporaryFolder } from '@lascaux/model-fixtures';
import { openModelFolder } from '@lascaux/models';
import { convertModel } from '@lascaux/models/convert';
import { randomStream } from '@lascaux/nn';
import { openSession } from '@lascaux/nn/session';
import { familyOf, schedulerConfigOf, textPartsOf, type GenerateOptions } from '@lascaux/pipeline';
import { encodeImage } from '@lascaux/pipeline/image';
import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { withoutVariance } from '../src/family/layout.js';
import { floats, leftHalf, opened, picture, row, shared } from './opened-model.js';

/** A checkpoint of diffusers, converted. */
async function convertedFrom(className?: string): Promise<string> {
  const out = join(await temporaryFolder(), 'model');
  await convertModel({ model: await pixArtCheckpoint(className), out });
  return out;
}
const converted = () => convertedFrom();

/** ᾱ of the last of a thousand timesteps whose betas grow from 0.0001 to 0.02 in a straight line. */
const lastAlphaBar = Array.from({ length: 1000 }, (_, t) => 1 - (0.0001 + (0.0199 * t) / 999)).reduce((a, b) => a * b);
const [signal, sigma] = [Math.sqrt(lastAlphaBar), Math.sqrt(1 - lastAlphaBar)];

type Opened = Awaited<ReturnType<typeof opened>>;

/** One step from known noise: what goes in, what the network itself says of every row, and what the pipeline makes of it. */
async function oneStep({ pipeline, told, denoiser }: Opened, options: Partial<GenerateOptions>) {
  const x = randomStream(3).normal(4 * 8 * 8);
  let denoised = new Float32Array();
  await pipeline.generate({
    prompt: 'a cat',
    steps: 1,
    noise: () => () => new Float32Array(x),
    onStep: (step) => {
      denoised = new Float32Array(step.denoised);
    },
    ...options,
  });
  const [inputs = {}] = told;
  const batch = inputs.encoder_hidden_states!.dims[0]!;
  const network = denoiser.bind({ batch, inputs, inputShape: [4, 8, 8] });
  const output = await network(
    Float32Array.from({ length: batch * x.length }, (_, i) => x[i % x.length]!),
    999,
  );
  const size = output.length / batch;
  const rows = Array.from({ length: batch }, (_, k) => output.slice(k * size, (k + 1) * size));
  return { x, rows, denoised };
}

function expectClose(values: Float32Array, expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)));
  expect(worst / Math.max(...expected.map(Math.abs))).toBeLessThan(1e-5);
}

describe('PixArt with a CLIP', () => {
  it('reads all of its tokens, at the size that the graph fixes', async () => {
    const { pipeline, told, texts, timesteps } = await shared(pixArtModel);
    expect(pipeline.defaults).toEqual({ steps: 2, guidanceScale: 4.5, sampler: undefined, width: 16, height: 16 });
    await pipeline.generate({ prompt: 'a cat', negativePrompt: 'a dog' });
    const [inputs] = told;
    const { lastHiddenState } = await texts.text_encoder!.encode(['a dog', 'a cat']);
    expect(inputs!.encoder_hidden_states!.dims).toEqual([2, TOKENS, 8]);
    expect(floats(inputs!.encoder_hidden_states)).toEqual(floats(lastHiddenState));
    expect(new Set(floats(inputs!.encoder_attention_mask))).toEqual(new Set([1]));
    expect(timesteps).toEqual([999, 499]);
  });

  it('calls the network once a step, on the prompt alone where guidance is 1', async () => {
    const { pipeline, told, timesteps } = await shared(pixArtModel);
    await pipeline.generate({ prompt: 'a cat', guidanceScale: 1, steps: 3 });
    expect(timesteps).toHaveLength(3);
    expect(told[0]!.encoder_hidden_states!.dims).toEqual([1, TOKENS, 8]);
  });

  it('takes the velocity from the network, unguided and guided', async () => {
    const model = await shared(pixArtModel);
    const { x, rows, denoised } = await oneStep(model, { guidanceScale: 1 });
    expectClose(
      denoised,
      [...x].map((value, i) => signal * value - sigma * rows[0]![i]!),
    );
    const guided = await oneStep(await shared(pixArtModel), { guidanceScale: 3 });
    const [negative, positive] = guided.rows as [Float32Array, Float32Array];
    expect(positive).not.toEqual(negative);
    expectClose(
      guided.denoised,
      [...x].map((value, i) => signal * value - sigma * (negative[i]! + 3 * (positive[i]! - negative[i]!))),
    );
  });

  it('paints one size, and says so', async () => {
    const { pipeline } = await shared(pixArtModel);
    expect(pipeline.sizes).toEqual({ multiple: 16, largest: 16, fixedWidth: 16, fixedHeight: 16 });
    await expect(pipeline.generate({ prompt: 'a cat', width: 24 })).rejects.toThrow(
      'width: this model paints one size, got 24 (accepted: 16)',
    );
    const image = await encodeImage(picture(60, 16), 'png');
    const { images } = await pipeline.generate({ prompt: 'a cat', image });
    expect(images[0]).toMatchObject({ width: 16, height: 16 });
    await expect(pipeline.generate({ prompt: 'a cat', image, height: 32 })).rejects.toThrow(
      'height: this model paints',
    );
  });

  it('paints from a picture, keeps what a mask keeps, and shows previews', async () => {
    const { pipeline, timesteps } = await shared(pixArtModel);
    const image = picture(16, 16);
    await pipeline.generate({ prompt: 'a cat', image, strength: 0.5, steps: 4 });
    expect(timesteps).toHaveLength(2);
    const previews: number[] = [];
    const { images } = await pipeline.generate({
      prompt: 'a cat',
      image,
      mask: leftHalf(16, 16),
      onStep: async ({ preview }) => void previews.push((await preview()).pixels.length),
    });
    expect(previews).toEqual([768, 768]);
    // Half a cell beside the seam is mixed.
    const right = (pixels: Uint8Array) => [...pixels].filter((_, i) => (i / 3) % 16 >= 10);
    expect(right(images[0]!.pixels)).toEqual(right(image.pixels));
    expect(images[0]!.pixels).not.toEqual(image.pixels);
  });

  it('gives every image its own seed, and depends on everything that can be said', async () => {
    const { pipeline } = await shared(pixArtModel);
    const both = await pipeline.generate({ prompt: 'a cat', seed: 5, count: 2 });
    const second = await pipeline.generate({ prompt: 'a cat', seed: 6 });
    expect(both.images[1]).toEqual(second.images[0]);
    const variants: Partial<GenerateOptions>[] = [
      {},
      ...[{ prompt: 'a dog' }, { negativePrompt: 'a dog' }, { guidanceScale: 1 }, { sampler: 'euler' }, { seed: 1 }],
    ];
    const painted = [];
    for (const variant of variants)
      painted.push((await pipeline.generate({ prompt: 'a cat', ...variant })).images[0]!.pixels.join());
    expect(new Set(painted).size).toBe(variants.length);
    await expect(pipeline.generate({ prompt: 'a cat', clipSkip: 2 })).rejects.toThrow(
      'clipSkip: has no meaning for PixArt',
    );
  });
});

describe('PixArt with T5, as diffusers saves it', () => {
  it('tells the states of 120 tokens, which of them count, and the size', async () => {
    const { pipeline, told } = await shared(converted);
    await pipeline.generate({ prompt: 'a cat', guidanceScale: 3 });
    const [inputs] = told;
    expect(inputs!.encoder_hidden_states!.dims).toEqual([2, 120, 12]);
    const counted = (count: number) => Array.from({ length: 120 }, (_, i) => (i < count ? 1 : 0));
    expect(row(inputs!.encoder_attention_mask, 0)).toEqual(counted(1));
    expect(row(inputs!.encoder_attention_mask, 1)).toEqual(counted(3));
    expect(floats(inputs!.resolution)).toEqual([16, 16, 16, 16]);
    expect(floats(inputs!.aspect_ratio)).toEqual([1, 1]);

    const session = await openSession(join(pipeline.model.path, 'text_encoder', 'model.onnx'));
    const feed = (values: readonly number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, 120]);
    const ids = [3, 4, 1, ...new Array<number>(117).fill(0)];
    const { last_hidden_state: states } = await session.run({
      input_ids: feed(ids),
      attention_mask: feed(counted(3)),
    });
    expect(row(inputs!.encoder_hidden_states, 1)).toEqual(floats(states));
    await session.release();
  });

  it('reads small letters, whatever the prompt has', async () => {
    const { pipeline, told } = await shared(converted);
    await pipeline.generate({ prompt: 'A Cat' });
    await pipeline.generate({ prompt: 'a cat' });
    expect(floats(told[0]!.encoder_hidden_states)).toEqual(floats(told[1]!.encoder_hidden_states));
    const { truncated } = await pipeline.generate({ prompt: 'cat '.repeat(121) });
    expect(truncated.prompt).toBe(2);
  });

  it('leaves out the variance that the network predicts beside the noise', async () => {
    const { x, rows, denoised } = await oneStep(await shared(converted), { guidanceScale: 2 });
    const [negative, positive] = rows as [Float32Array, Float32Array];
    expect(positive).toHaveLength(2 * x.length);
    expectClose(
      denoised,
      [...x].map((value, i) => (value - sigma * (2 * positive[i]! - negative[i]!)) / signal),
    );
  });

  it('has the defaults of its pipeline in diffusers, and no bounds on latents for any sampler', async () => {
    const { pipeline } = await shared(converted);
    expect(familyOf(pipeline.model).defaults).toMatchObject({ steps: 20, guidanceScale: 4.5 });
    expect(schedulerConfigOf(pipeline.model).clip_sample).toBe(false);
    expect(pipeline.sizes).toMatchObject({ fixedWidth: 16, fixedHeight: 16 });
    const { options } = await pipeline.generate({ prompt: 'a cat', image: picture(16, 16), strength: 0.5 });
    expect(options).toMatchObject({ strength: 0.5, width: 16 });
  });

  it('is refused where the text encoder would read padding', async () => {
    const folder = await pixArtModel();
    await changeJson(join(folder, 'model_index.json'), { text_encoder: ['transformers', 'T5EncoderModel'] });
    await expect(opened(folder)).rejects.toThrow('must have the input attention_mask');
  });

  it('has 300 tokens in PixArt-Σ, and is known by its norm under the class of older versions', async () => {
    const folder = await convertedFrom('PixArtSigmaPipeline');
    const sigmaModel = await opened(folder);
    await sigmaModel.pipeline.generate({ prompt: 'a cat' });
    expect(sigmaModel.told[0]!.encoder_hidden_states!.dims).toEqual([2, 300, 12]);
    await sigmaModel.pipeline.dispose();
    await changeJson(join(folder, 'transformer', 'config.json'), { _class_name: 'Transformer2DModel' });
    const old = await openModelFolder(folder);
    expect(familyOf(old).name).toBe('PixArt');
    expect(textPartsOf(old)).toMatchObject([{ component: 'text_encoder', maxLength: 300, attendPadding: false }]);
    await changeJson(join(folder, 'transformer', 'config.json'), { norm_type: 'ada_norm_zero' });
    const other = await openModelFolder(folder);
    expect(() => familyOf(other)).toThrow('cannot be run yet, got "Transformer2DModel"');
  });
});

it('withoutVariance keeps the first half of each image, and outputs of the latent’s size as they are', async () => {
  const shape = [1, 1, 2] as const;
  const both = withoutVariance.wrap(() => Promise.resolve(Float32Array.of(1, 2, 9, 9, 3, 4, 9, 9)), shape);
  expect(await both(new Float32Array(4), 0)).toEqual(Float32Array.of(1, 2, 3, 4));
  const plain = withoutVariance.wrap((x) => Promise.resolve(x), shape);
  expect(await plain(Float32Array.of(1, 2), 0)).toEqual(Float32Array.of(1, 2));
});
