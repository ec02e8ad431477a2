import { mkdir, open, readFile, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decoderGraph, modern, temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { checkExternalData } from '@lascaux/models';
import { LascauxError } from '@lascaux/nn';
import { encodeModel } from '@lascaux/nn/onnx';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { describe, expect, it } from 'vitest';

/** A model whose decoder keeps its weights in another file: 192 bytes of `location`, from byte 64 on. */
async function externalModel(location: string): Promise<{ folder: string; graph: string; data: string }> {
  const folder = await tinyModel();
  const graph = join(folder, 'vae_decoder', 'model.onnx');
  const made = decoderGraph(modern);
  const [weights] = made.initializers;
  const source = { file: location, offset: 64, length: 192 };
  await writeFile(graph, encodeModel({ ...made, initializers: [{ ...weights!, source }] }));
  const data = join(folder, 'vae_decoder', 'model.onnx_data');
  await writeFile(data, new Uint8Array(256));
  return { folder, graph, data };
}

const load = async (folder: string) => {
  const error = await TextToImagePipeline.fromPretrained(folder).then(
    (pipeline) => pipeline.dispose(),
    (error: unknown) => error,
  );
  if (error === undefined) return 'loaded';
  expect(error).toBeInstanceOf(LascauxError);
  const { message } = error as LascauxError;
  expect(message).not.toContain('\n');
  return message;
};

describe('external data', () => {
  it('is read from beside the graph, a link to elsewhere included', async () => {
    const { folder, data } = await externalModel('model.onnx_data');
    expect(await load(folder)).toBe('loaded');
    const blob = join(await temporaryFolder(), 'blob');
    await writeFile(blob, await readFile(data));
    await unlink(data);
    await symlink(blob, data);
    await expect(checkExternalData(join(folder, 'vae_decoder', 'model.onnx'))).resolves.toBeUndefined();
  });

  it.each(['../secret', '/etc/passwd', 'a/../../b', 'C:\\secret', '..\\secret'])('may not be %s', async (location) => {
    const { folder, graph } = await externalModel(location);
    expect(await load(folder)).toContain(
      `${graph}: external data must lie in the folder of the graph, got "${location}"`,
    );
  });

  it('is named when it is missing, cut short, a folder or a link to itself', async () => {
    const { folder, graph, data } = await externalModel('model.onnx_data');
    await truncate(data, 255);
    expect(await load(folder)).toBe(`${data}: is truncated: ${graph} reads 256 bytes of it, got "255 bytes"`);
    await unlink(data);
    expect(await load(folder)).toBe(`${graph}: its external data is missing, got "${data}"`);
    await symlink(data, data);
    expect(await load(folder)).toBe(`${graph}: its external data is a link to itself, got "${data}"`);
    await unlink(data);
    await mkdir(data);
    expect(await load(folder)).toBe(`${graph}: external data must be a file, got "${data}"`);
  });

  it('is found behind gigabytes of other fields, without reading them', async () => {
    const { graph } = await externalModel('../secret');
    const bytes = await readFile(graph);
    const file = await open(graph, 'w');
    // doc_string (field 6) of 3 GB, most of it a hole in the file
    const length = 3e9;
    const header = [6 * 8 + 2];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 128))
      header.push((rest % 128) + (rest >= 128 ? 128 : 0));
    await file.write(Uint8Array.from(header), 0, header.length, 0);
    await file.write(bytes, 0, bytes.length, header.length + length);
    await file.close();
    expect((await stat(graph)).size).toBeGreaterThan(length);
    const started = performance.now();
    await expect(checkExternalData(graph)).rejects.toThrow('must lie in the folder');
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('leaves what is no graph to the runtime', async () => {
    const path = join(await temporaryFolder(), 'model.onnx');
    for (const bytes of [[], [0xff, 0xff, 0xff], [58, 200, 1], Array.from({ length: 500 }, (_, i) => (i * 37) % 256)]) {
      await writeFile(path, Uint8Array.from(bytes));
      await expect(checkExternalData(path)).resolves.toBeUndefined();
    }
  });
});

describe('configuration files', () => {
  const files = ['model_index.json', 'unet/config.json', 'vae_decoder/config.json', 'scheduler/scheduler_config.json'];

  it.each([...files, 'text_encoder/config.json', 'tokenizer/vocab.json'])('%s may not be enormous', async (name) => {
    const folder = await tinyModel();
    const path = join(folder, name);
    await truncate(path, 100 * 2 ** 20);
    expect(await load(folder)).toMatch(new RegExp(`^${path}: must be (4|48) MB or less, got "104857600 bytes"`));
  });

  it.each(files)('%s may not be a million lists deep', async (name) => {
    const folder = await tinyModel();
    const path = join(folder, name);
    await writeFile(path, '['.repeat(1e6) + ']'.repeat(1e6));
    expect(await load(folder)).toContain(path);
  });

  it('scheduler/scheduler_config.json is named where its values cannot be sampled', async () => {
    for (const scheduler of [
      { _class_name: 'FooScheduler' },
      { beta_schedule: 'foo' },
      { beta_end: 2 },
      { trained_betas: [-1] },
      { num_train_timesteps: 1e9 },
    ]) {
      const folder = await tinyModel({ scheduler });
      const path = join(folder, 'scheduler', 'scheduler_config.json');
      const pipeline = await TextToImagePipeline.fromPretrained(folder);
      const error: unknown = await pipeline.generate({ prompt: '' }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(LascauxError);
      expect(String(error)).toContain(`${path}: scheduler config`);
      await pipeline.dispose();
    }
  });

  it.each([{ steps: 1e9 }, { size: 1e9 }, { size: [64, 7] }, { scheduler: 'foo' }, { guidance: 1e30 }])(
    'model_index.json may not recommend %j',
    async (_lascaux) => {
      const folder = await tinyModel({ index: { _lascaux } });
      expect(await load(folder)).toMatch(new RegExp(`^${join(folder, 'model_index.json')}: .*_lascaux`));
    },
  );

  it('tokenizer/vocab.json with deep values is named', async () => {
    const folder = await tinyModel();
    const path = join(folder, 'tokenizer', 'vocab.json');
    await writeFile(path, `{"a":${'['.repeat(1e5) + ']'.repeat(1e5)}}`);
    expect(await load(folder)).toBe(`${path}: JSON may be nested 64 deep, and this is nested deeper`);
  });

  it.each([...files, 'vae_decoder/model.onnx'])('%s may not be a device or a folder', async (name) => {
    const folder = await tinyModel();
    const path = join(folder, name);
    await unlink(path);
    await symlink('/dev/zero', path);
    expect(await load(folder)).toContain(path);
    await unlink(path);
    await mkdir(path);
    expect(await load(folder)).toContain(path);
  });

  it('refuses deep values, of keys that nobody reads too', async () => {
    const folder = await tinyModel();
    const path = join(folder, 'model_index.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('{', `{ "unread": ${'['.repeat(1e5) + ']'.repeat(1e5)},`));
    expect(await load(folder)).toBe(`${path}: JSON may be nested 64 deep, and this is nested deeper`);
  });
});
