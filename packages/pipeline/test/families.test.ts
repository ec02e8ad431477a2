import { TOKENS, fluxModel, lcmModel, sd3Model, sdxlModel } from '@lascaux/model-fixtures';
import type { GenerateOptions, TextToImagePipeline } from '@lascaux/pipeline';
import { finalNorm } from '@lascaux/text-encoder';
import { describe, expect, it } from 'vitest';
import { guidanceEmbedding } from '../src/family/guidance-embedding.js';
import { packedLayout } from '../src/family/layout.js';
import { floats, leftHalf, opened, picture, row, shared } from './opened-model.js';

/** Pictures of one prompt under several options, all different from each other. */
async function expectDifferent(pipeline: TextToImagePipeline, variants: readonly Partial<GenerateOptions>[]) {
  const pictures = [];
  for (const variant of variants) {
    const { images } = await pipeline.generate({ prompt: 'a cat', ...variant });
    pictures.push(images[0]!.pixels.join());
  }
  expect(new Set(pictures).size).toBe(variants.length);
}

describe('Stable Diffusion XL', () => {
  it('tells the penultimate states of both encoders side by side, the pooled second, and sizes', async () => {
    const { pipeline, told, texts } = await shared(sdxlModel);
    expect(pipeline.defaults).toMatchObject({ guidanceScale: 5, width: 16, height: 16 });
    await pipeline.generate({
      prompt: 'a cat',
      width: 24,
      originalSize: { width: 100, height: 50 },
      cropTopLeft: { top: 3, left: 4 },
    });
    const [inputs] = told;
    const ids = texts.text_encoder!.tokenizer.encode('a cat').ids;
    const first = await texts.text_encoder!.encodeIds([ids], { hiddenState: 2 });
    const second = await texts.text_encoder_2!.encodeIds([ids], { hiddenState: 2 });
    const expected = ids.flatMap((_, t) => [
      ...floats(first.hiddenState).slice(8 * t, 8 * t + 8),
      ...floats(second.hiddenState).slice(12 * t, 12 * t + 12),
    ]);
    expect(inputs!.encoder_hidden_states!.dims).toEqual([2, TOKENS, 20]);
    expect(row(inputs!.encoder_hidden_states, 1)).toEqual(expected);
    expect(row(inputs!.text_embeds, 1)).toEqual(floats(second.pooled));
    for (const k of [0, 1]) expect(row(inputs!.time_ids, k)).toEqual([50, 100, 3, 4, 16, 24]);
  });

  it('takes zeros for a negative prompt that nobody gave, and the embedding of an empty one', async () => {
    const { pipeline, told, texts } = await shared(sdxlModel);
    await pipeline.generate({ prompt: 'a cat' });
    expect(new Set(row(told[0]!.encoder_hidden_states, 0))).toEqual(new Set([0]));
    expect(new Set(row(told[0]!.text_embeds, 0))).toEqual(new Set([0]));
    await pipeline.generate({ prompt: 'a cat', negativePrompt: '' });
    const empty = await texts.text_encoder_2!.encode(['']);
    expect(row(told[1]!.text_embeds, 0)).toEqual(floats(empty.pooled));
    const never = await opened(await sdxlModel({ force_zeros_for_empty_prompt: false }));
    await never.pipeline.generate({ prompt: 'a cat' });
    expect(row(never.told[0]!.text_embeds, 0)).toEqual(floats(empty.pooled));
    await never.pipeline.dispose();
  });

  it('tells the refiner an aesthetic score, from the second encoder alone', async () => {
    const folder = await sdxlModel(
      { text_encoder: [null, null], requires_aesthetics_score: true, force_zeros_for_empty_prompt: false },
      { cross_attention_dim: 12, projection_class_embeddings_input_dim: 12 + 5 * 4 },
    );
    const { pipeline, told } = await opened(folder);
    await pipeline.generate({ prompt: 'a cat', image: picture(16, 16), strength: 0.5 });
    expect(told[0]!.encoder_hidden_states!.dims).toEqual([2, TOKENS, 12]);
    expect(row(told[0]!.time_ids, 0)).toEqual([16, 16, 0, 0, 2.5]);
    expect(row(told[0]!.time_ids, 1)).toEqual([16, 16, 0, 0, 6]);
    await pipeline.dispose();
  });

  it('joins the sequences of a long prompt, with as many for the negative one', async () => {
    const { pipeline, told } = await shared(sdxlModel);
    const { truncated } = await pipeline.generate({ prompt: 'cat '.repeat(20), negativePrompt: 'a dog' });
    expect(told[0]!.encoder_hidden_states!.dims).toEqual([2, 2 * TOKENS, 20]);
    expect(truncated).toEqual({ prompt: 0, negativePrompt: 0 });
  });

  it('depends on everything that can be said', async () => {
    const { pipeline } = await shared(sdxlModel);
    await expectDifferent(pipeline, [
      {},
      { prompt: 'a dog' },
      { prompt: 'a (cat:1.8)' },
      { prompt: 'a BREAK cat' },
      { negativePrompt: 'a dog' },
      { guidanceScale: 0 },
      { guidanceRescale: 0.9 },
      { clipSkip: 2 },
      { originalSize: { width: 400, height: 300 } },
      { width: 24, height: 16 },
      { width: 16, height: 24 },
    ]);
  });

  it('paints from a picture and repaints under a mask, width and height apart', async () => {
    const { pipeline } = await shared(sdxlModel);
    const image = picture(24, 12);
    const { images } = await pipeline.generate({ prompt: 'a cat', image, strength: 0.5 });
    expect(images[0]).toMatchObject({ width: 24, height: 12 });
    const masked = await pipeline.generate({ prompt: 'a cat', image, mask: leftHalf(24, 12) });
    expect(masked.images[0]!.pixels).not.toEqual(images[0]!.pixels);
    const nine = await opened(await sdxlModel({}, { in_channels: 9 }));
    const painted = await nine.pipeline.generate({ prompt: 'a cat', image, mask: leftHalf(24, 12) });
    expect(painted.images[0]).toMatchObject({ width: 24, height: 12 });
    await nine.pipeline.dispose();
  });
});

describe('latent consistency', () => {
  it('runs four steps on the prompt alone and tells the network the guidance', async () => {
    const { pipeline, told, timesteps } = await shared(lcmModel);
    expect(pipeline.defaults).toMatchObject({ steps: 4, guidanceScale: 8.5, sampler: undefined });
    await pipeline.generate({ prompt: 'a cat' });
    expect(timesteps).toEqual([999, 759, 499, 259]);
    expect(told[0]!.encoder_hidden_states!.dims).toEqual([1, TOKENS, 8]);
    // diffusers' get_guidance_scale_embedding(tensor([7.5]), 6)
    const expected = [0, 0.5, 1].map((i) => 7500 * Math.exp(-Math.log(10000) * i));
    floats(told[0]!.timestep_cond).forEach((value, i) =>
      expect(value).toBeCloseTo([Math.sin, Math.cos][Math.floor(i / 3)]!(expected[i % 3]!), 6),
    );
    await expect(pipeline.generate({ prompt: 'a cat', negativePrompt: 'a dog' })).rejects.toThrow(
      'negativePrompt: this model takes none, its guidance is distilled, got "a dog"',
    );
  });

  it('applies the final norm to an earlier layer for clip skip', async () => {
    const { pipeline, told, texts } = await shared(lcmModel);
    await pipeline.generate({ prompt: 'a cat', clipSkip: 2 });
    const encoder = texts.text_encoder!;
    const { ids } = encoder.tokenizer.encode('a cat');
    const { hiddenState } = await encoder.encodeIds([ids], { hiddenState: 2 });
    const expected = (await finalNorm(encoder))(hiddenState!.data as Float32Array);
    expect(floats(told[0]!.encoder_hidden_states)).toEqual([...expected]);
  });

  it('takes other timesteps, not fewer, from a picture', async () => {
    const { pipeline, timesteps } = await shared(lcmModel);
    await pipeline.generate({ prompt: 'a cat', image: picture(16, 16), strength: 0.5 });
    expect(timesteps).toHaveLength(4);
    expect(timesteps[0]).toBe(499);
  });

  it('embeds odd widths with a zero last', () => {
    expect(guidanceEmbedding(0, 5)).toEqual([0, 0, 1, 1, 0]);
  });
});

describe('Stable Diffusion 3', () => {
  it('tells both CLIPs padded to the joint width, zeros for a missing T5, and both pooled states', async () => {
    const { pipeline, told, texts, timesteps } = await shared(sd3Model);
    expect(pipeline.sizes.multiple).toBe(4);
    expect(pipeline.defaults).toMatchObject({ guidanceScale: 7, width: 16, height: 16 });
    await pipeline.generate({ prompt: 'a cat' });
    const [inputs] = told;
    expect(inputs!.encoder_hidden_states!.dims).toEqual([2, TOKENS + 256, 24]);
    const clip = await texts.text_encoder_2!.encode(['a cat']);
    const first = await texts.text_encoder!.encode(['a cat']);
    expect(row(inputs!.pooled_projections, 1)).toEqual([...floats(first.pooled), ...floats(clip.pooled)]);
    const states = row(inputs!.encoder_hidden_states, 1);
    expect(states.slice(20, 24)).toEqual([0, 0, 0, 0]);
    expect(states.slice(8, 20)).not.toContain(0);
    expect(new Set(states.slice(TOKENS * 24))).toEqual(new Set([0]));
    // shift 3 of sigmas 1 and 3 · 0.001 / 1.002, the ends being shifted twice
    expect(timesteps[0]).toBe(1000);
  });

  it('depends on everything that can be said', async () => {
    const { pipeline } = await shared(sd3Model);
    await expectDifferent(pipeline, [
      {},
      { prompt: 'a dog' },
      { negativePrompt: 'a dog' },
      { clipSkip: 2 },
      { guidanceScale: 1 },
      { sampler: 'unipc' },
      { width: 24, height: 16 },
      { width: 16, height: 24 },
    ]);
    const { options } = await pipeline.generate({ prompt: 'a cat', image: picture(16, 8), strength: 0.6 });
    expect(options).toMatchObject({ width: 16, height: 8, strength: 0.6 });
    await expect(pipeline.generate({ prompt: '', originalSize: { width: 1, height: 1 } })).rejects.toThrow(
      'originalSize: has no meaning for Stable Diffusion 3',
    );
  });
});

it('Stable Diffusion 3 refuses sides for which it knows no positions', async () => {
  const { pipeline } = await shared(sd3Model);
  const refused = pipeline.generate({ prompt: 'a cat', height: 68 });
  await expect(refused).rejects.toThrow('height: must be at most 64 for this model, got 68');
});

describe('Flux', () => {
  it('tells places, guidance and pooled text, time from 0 to 1, the schedule shifted by size', async () => {
    const { pipeline, told, texts, timesteps } = await shared(fluxModel);
    expect(pipeline.sizes.multiple).toBe(4);
    await pipeline.generate({ prompt: 'a cat', width: 24, height: 16, guidanceScale: 3 });
    const [inputs] = told;
    const clip = await texts.text_encoder!.encode(['a cat']);
    expect(floats(inputs!.pooled_projections)).toEqual(floats(clip.pooled));
    expect(inputs!.encoder_hidden_states!.dims).toEqual([1, TOKENS, 12]);
    expect(floats(inputs!.guidance)).toEqual([3]);
    expect(inputs!.txt_ids!.dims).toEqual([TOKENS, 3]);
    // 4 rows of 6 patches
    expect(inputs!.img_ids!.dims).toEqual([24, 3]);
    expect(floats(inputs!.img_ids).slice(3 * 7, 3 * 8)).toEqual([0, 1, 1]);
    // 24 patches: mu = 24 m + b through (256, 0.5) and (4096, 1.15); sigma ½ becomes e^mu / (e^mu + 1)
    const mu = 0.5 + ((24 - 256) * (1.15 - 0.5)) / (4096 - 256);
    expect(timesteps[0]).toBeCloseTo(1, 6);
    expect(timesteps[1]).toBeCloseTo(Math.exp(mu) / (Math.exp(mu) + 1), 6);
  });

  it('depends on everything that can be said', async () => {
    const { pipeline } = await shared(fluxModel);
    await expectDifferent(pipeline, [
      {},
      { prompt: 'a dog' },
      { guidanceScale: 9 },
      { width: 24, height: 16 },
      { width: 16, height: 24 },
    ]);
    const image = picture(24, 16);
    await pipeline.generate({ prompt: 'a cat', image, mask: leftHalf(24, 16) });
    await expect(pipeline.generate({ prompt: 'a cat', clipSkip: 2 })).rejects.toThrow(
      'clipSkip: has no meaning for Flux',
    );
  });

  it('packs patches of four cells, each channel together, and back', async () => {
    // one channel of 2 × 4 cells, and another: tokens are the left and the right square
    const shape = [2, 2, 4] as const;
    const maps = Float32Array.from({ length: 16 }, (_, i) => i);
    let packed = new Float32Array();
    const network = packedLayout.wrap((x) => (packed = new Float32Array(x)), shape);
    expect(await network(maps, 500)).toEqual(maps);
    expect([...packed]).toEqual([0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15]);
  });
});
