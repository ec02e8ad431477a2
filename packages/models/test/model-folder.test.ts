import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { bundledModelFolder, findModel, openModelFolder } from '@lascaux/models';
import { describe, expect, it } from 'vitest';

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

  it('names what it cannot find', async () => {
    const two = await tinyModel({ index: { text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'] } });
    await expect(openModelFolder(two)).rejects.toThrow('part text_encoder_2 is missing');
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
    expect(() => findModel('/no/such/model')).toThrow(/^model: no such model folder, got/);
  });
});
