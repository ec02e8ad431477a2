import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originalTensors, readTensors, temporaryFolder, type OriginalFamily } from '@lascaux/model-fixtures';
import { convertModel } from '@lascaux/models/convert';
import { writeSafetensors } from '@lascaux/nn';
import { expect, it } from 'vitest';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));
const cases: readonly (readonly [folder: string, naming: OriginalFamily, family: string])[] = [
  ['sd1', 'sd1', 'Stable Diffusion 1, predicts noise'],
  ['inpainting', 'sd1', 'Stable Diffusion 1, predicts noise'],
  ['sd2', 'sd2', 'Stable Diffusion 2, predicts velocity'],
  ['sdxl', 'sdxl', 'SDXL, predicts noise'],
  ['sd3', 'sd3', 'Stable Diffusion 3, rectified flow'],
  ['sd35', 'sd3', 'Stable Diffusion 3.5, rectified flow'],
  ['flux', 'flux', 'Flux.1 dev, rectified flow'],
  ['schnell', 'flux', 'Flux.1 schnell, rectified flow'],
];

/** All weights of a converted model by component and name. */
async function weightsOf(folder: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const component of await readdir(folder))
    for (const file of await readdir(join(folder, component)).catch((): string[] => []))
      if (file.endsWith('.safetensors'))
        found[`${component}/${file}`] = await readTensors(join(folder, component, file));
  return found;
}

it.each(cases)('%s in one file is the same model', { timeout: 60_000 }, async (folder, naming, family) => {
  const model = join(fixtures, folder);
  const home = await temporaryFolder();
  const file = join(home, 'model.safetensors');
  await writeSafetensors(file, await originalTensors(model, naming));
  const single = await convertModel({ model: file, out: join(home, 'single'), base: model });
  const whole = await convertModel({ model, out: join(home, 'whole') });
  expect(single.family).toBe(family);
  expect(Object.keys(single.components).sort()).toEqual(Object.keys(whole.components).sort());
  expect(await weightsOf(single.out)).toEqual(await weightsOf(whole.out));
});

it('SD 3 without a projection of the smaller CLIP has an identity there', async () => {
  const model = join(fixtures, 'sd35');
  const home = await temporaryFolder();
  const file = join(home, 'model.safetensors');
  const tensors = Object.entries(await originalTensors(model, 'sd3'));
  await writeSafetensors(
    file,
    Object.fromEntries(tensors.filter(([name]) => name !== 'text_encoders.clip_l.transformer.text_projection.weight')),
  );
  const { out } = await convertModel({ model: file, out: join(home, 'single'), base: model, dtype: 'F32' });
  const { 'text_projection.weight': projection } = await readTensors(join(out, 'text_encoder', 'model.safetensors'));
  expect([...(projection!.data as Float32Array)].slice(0, 10)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});
