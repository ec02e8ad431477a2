import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyModel } from '@lascaux/model-fixtures';
import { openModelFolder } from '@lascaux/models';
import { TextToImagePipeline, defaultsOf, familyOf, textPartsOf } from '@lascaux/pipeline';
import { describe, expect, it } from 'vitest';

describe('defaultsOf', () => {
  it('takes the defaults of Stable Diffusion 1 where the oldest exports have no configuration', async () => {
    const folder = await tinyModel({ index: { _lascaux: {} } });
    for (const part of ['text_encoder', 'unet', 'vae_decoder']) await rm(join(folder, part, 'config.json'));
    const model = await openModelFolder(folder);
    expect(model.vaeConfig.scaling.scalingFactor).toBe(0.18215);
    expect(defaultsOf(model)).toEqual({ steps: 50, guidanceScale: 7.5, sampler: undefined, width: 512, height: 512 });
  });

  it('prefers what the model recommends', async () => {
    const recommendation = { steps: 9, guidance: 0, scheduler: 'ddpm', size: [16, 32] };
    const model = await openModelFolder(await tinyModel({ index: { _lascaux: recommendation } }));
    expect(defaultsOf(model)).toEqual({ steps: 9, guidanceScale: 0, sampler: 'ddpm', width: 16, height: 32 });
  });
});

describe('a model folder', () => {
  it('finds tokenizer and scheduler in the root too', async () => {
    const folder = await tinyModel();
    for (const part of ['tokenizer', 'scheduler']) {
      await cp(join(folder, part), folder, { recursive: true });
      await rm(join(folder, part), { recursive: true });
    }
    const pipeline = await TextToImagePipeline.fromPretrained(folder);
    expect((await pipeline.generate({ prompt: 'a cat' })).images).toHaveLength(1);
    await pipeline.dispose();
  });

  it('of a family that cannot be run, or with a part that its family does not know, is refused', async () => {
    const prior = await tinyModel({ index: { prior: ['diffusers', 'PriorTransformer'] } });
    const error = async (folder: string) => {
      const model = await openModelFolder(folder);
      return () => familyOf(model);
    };
    expect(await error(prior)).toThrow('has a part that Stable Diffusion does not know, got "prior"');
    const other = await tinyModel({
      index: { unet: [null, null], transformer: ['diffusers', 'HunyuanDiT2DModel'] },
    });
    await cp(join(other, 'unet'), join(other, 'transformer'), { recursive: true });
    expect(await error(other)).toThrow(
      /cannot be run yet, got "HunyuanDiT.*accepted: SD3Transformer2DModel, Flux.*PixArt/,
    );
  });

  it('is painted with the text encoders that its family knows', async () => {
    const folder = await tinyModel({ index: { text_encoder: [null, null] } });
    for (const part of ['text_encoder', 'tokenizer'])
      await cp(join(folder, part), join(folder, `${part}_3`), { recursive: true });
    const model = await openModelFolder(folder);
    expect(model.parts.textEncoders.map(({ component }) => component)).toEqual(['text_encoder', 'text_encoder_3']);
    expect(textPartsOf(model).map(({ component }) => component)).toEqual(['text_encoder']);
    await rm(join(folder, 'text_encoder'), { recursive: true });
    const without = await openModelFolder(folder);
    expect(() => textPartsOf(without)).toThrow('part text_encoder is missing');
  });
});
