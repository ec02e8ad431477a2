import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkModel, pixArtModel, sdxlModel, tinyModel } from '@lascaux/model-fixtures';
import { openSession } from '@lascaux/nn/session';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { openPainter, type GraphRuntime, type ModelSource } from '@lascaux/pipeline/core';
import { describe, expect, it } from 'vitest';

/** A folder as a source that notes what is read. */
function sourceOf(folder: string): ModelSource & { readonly paths: string[] } {
  const paths: string[] = [];
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    paths.push(path);
    return readFile(join(folder, path)).catch(() => undefined);
  };
  return { name: 'a model', read, paths };
}

const runtime: GraphRuntime = { InferenceSession: { create: (graph, extra) => openSession(graph, { extra }) } };

describe('a model that is read from a source', () => {
  it.each([
    ['Stable Diffusion', tinyModel],
    ['SDXL', sdxlModel],
    ['PixArt with a CLIP', pixArtModel],
  ])('paints what it paints from its folder: %s', async (_, make) => {
    const folder = await make();
    const painter = await openPainter({ source: sourceOf(folder), runtime });
    const pipeline = await TextToImagePipeline.fromPretrained(folder);
    const call = { prompt: 'a (cat:1.2)', negativePrompt: 'a dog', seed: 3, guidanceScale: 2, steps: 2 };
    const [fromSource, fromFolder] = [await painter.generate(call), await pipeline.generate(call)];
    expect(painter.defaults).toEqual(pipeline.defaults);
    expect(fromSource.images).toEqual(fromFolder.images);
    expect(fromSource.options).toEqual(fromFolder.options);
    await painter.dispose();
    await pipeline.dispose();
  });

  it('reads the encoder when a picture is painted from, and not before', async () => {
    const source = sourceOf(await networkModel());
    const painter = await openPainter({ source, runtime });
    await painter.generate({ prompt: 'a cat' });
    expect(source.paths).not.toContain('vae_encoder/model.onnx');
    const { width, height } = painter.defaults;
    const image = { pixels: new Uint8Array(3 * width * height).fill(90), width, height };
    await painter.generate({ prompt: 'a cat', image, strength: 0.5 });
    expect(source.paths).toContain('vae_encoder/model.onnx');
    await painter.dispose();
  });

  it('says what is missing, broken, or cannot be read so', async () => {
    const folder = await tinyModel();
    const without = (name: string, bytes?: Uint8Array): ModelSource => {
      const { read, ...source } = sourceOf(folder);
      return { ...source, read: (path) => (path === name ? Promise.resolve(bytes) : read(path)) };
    };
    const open = (source: ModelSource) => openPainter({ source, runtime });
    await expect(open(without('model_index.json'))).rejects.toThrow('a model: must hold model_index.json');
    await expect(open(without('unet/model.onnx'))).rejects.toThrow(
      'part unet must hold its graph, got "unet/model.onnx"',
    );
    const broken = without('vae_decoder/model.onnx', Uint8Array.of(1, 2, 3));
    await expect(open(broken)).rejects.toThrow(/^vae_decoder.model.onnx: ONNX Runtime cannot load it/);
    await expect(open(without('unet/config.json', Buffer.from('{')))).rejects.toThrow(
      /^unet.config.json: must be valid JSON/,
    );
    const failing = { name: 'x', read: () => Promise.reject(new TypeError('fetch failed')) };
    await expect(open(failing)).rejects.toThrow('model_index.json: must be readable, got "fetch failed"');
    const t5 = without('tokenizer/tokenizer_config.json', Buffer.from('{ "tokenizer_class": "T5Tokenizer" }'));
    await expect(open(t5)).rejects.toThrow('tokenizer: a T5 tokenizer can be read from a folder on disk only');
  });
});
