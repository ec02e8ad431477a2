import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TextToImagePipeline, bundledModelFolder, defaultsOf, findModel, openModelFolder } from '@lascaux/pipeline';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, tinyModel } from './support/tiny-model.js';

describe('openModelFolder', () => {
  it('reads what generation needs and leaves the weights alone', async () => {
    const folder = await tinyModel();
    const model = await openModelFolder(folder);
    expect(model.index.className).toBe('StableDiffusionPipeline');
    expect(Object.keys(model.index.components).sort()).toEqual([
      'scheduler',
      'text_encoder',
      'tokenizer',
      'unet',
      'vae',
    ]);
    expect(model.parts.denoiser).toBe(join(folder, 'unet'));
    expect(model.parts.vaeEncoder).toBeUndefined();
    expect(model.schedulerConfig._class_name).toBe('DDIMScheduler');
  });

  it('takes the defaults of Stable Diffusion 1 where the oldest exports have no configuration', async () => {
    const folder = await tinyModel({ index: { _lascaux: {} } });
    for (const part of ['text_encoder', 'unet', 'vae_decoder']) await rm(join(folder, part, 'config.json'));
    const model = await openModelFolder(folder);
    expect(model.vaeConfig.scaling.scalingFactor).toBe(0.18215);
    expect(defaultsOf(model)).toEqual({ steps: 50, guidanceScale: 7.5, scheduler: undefined, width: 512, height: 512 });
  });

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

  it('prefers what the model recommends', async () => {
    const recommendation = { steps: 9, guidance: 0, scheduler: 'ddpm', size: [16, 32] };
    const model = await openModelFolder(await tinyModel({ index: { _lascaux: recommendation } }));
    expect(defaultsOf(model)).toEqual({ steps: 9, guidanceScale: 0, scheduler: 'ddpm', width: 16, height: 32 });
  });

  it('names what it cannot run or find', async () => {
    const two = await tinyModel({ index: { text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'] } });
    await expect(openModelFolder(two)).rejects.toThrow('part text_encoder_2 is missing');
    const prior = await tinyModel({ index: { prior: ['diffusers', 'PriorTransformer'] } });
    await expect(openModelFolder(prior)).rejects.toThrow('has a part that Stable Diffusion does not know, got "prior"');
    const pixArt = await tinyModel({
      index: { unet: [null, null], transformer: ['diffusers', 'PixArtTransformer2DModel'] },
    });
    await expect(openModelFolder(pixArt)).rejects.toThrow(
      /cannot be run yet, got "PixArt.*accepted: SD3Transformer2DModel, Flux/,
    );
    const none = await tinyModel({ index: { unet: [null, null] } });
    await expect(openModelFolder(none)).rejects.toThrow(/must name a denoiser, .* \(accepted: unet, transformer\)/);
    await expect(openModelFolder(await temporaryFolder())).rejects.toThrow('must hold a model_index.json');
    const scheduler = await tinyModel();
    await writeFile(join(scheduler, 'scheduler', 'scheduler_config.json'), '[]');
    await expect(openModelFolder(scheduler)).rejects.toThrow(join(scheduler, 'scheduler', 'scheduler_config.json'));
  });
});

describe('findModel', () => {
  it('walks up to the bundled model', async () => {
    const root = await temporaryFolder();
    const models = join(root, 'models');
    await mkdir(join(root, 'packages', 'pipeline', 'src'), { recursive: true });
    await mkdir(models);
    await rename(await tinyModel(), join(models, 'lascaux-mini'));
    expect(bundledModelFolder(join(root, 'packages', 'pipeline', 'src'))).toBe(join(models, 'lascaux-mini'));
    expect(bundledModelFolder(await temporaryFolder())).toBeUndefined();
  });

  it('takes any folder that exists, and refuses the rest', async () => {
    const folder = await temporaryFolder();
    expect(findModel(folder)).toBe(folder);
    expect(() => findModel('/no/such/model', '--model')).toThrow(/^--model: no such model folder, got/);
  });
});
