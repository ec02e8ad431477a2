import { join } from 'node:path';
import { beginForStrength } from '@lascaux/diffusion/schedule';
import { temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { openModelFolder } from '@lascaux/models';
import {
  TextToImagePipeline,
  denoiserFromSession,
  type GenerateProgress,
  type GraphSession,
  type SourceOptions,
  type Picture,
} from '@lascaux/pipeline';
import { clipTokenizer, trainBpe, type TextEncoder } from '@lascaux/text-encoder';
import type { EncodeOptions } from '@lascaux/vae';
import { Tensor } from 'onnxruntime-common';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sizeLike } from '../src/options/size-rules.js';
import { readMask, readPicture } from '../src/image/read-picture.js';
import { keepUnmasked } from '../src/generate/keep-unmasked.js';
import type { GenerateOptions } from '@lascaux/pipeline';
import { resolveOptions } from '../src/options/resolve-options.js';
import { hideMasked, latentMask, resolveSource } from '../src/generate/source-picture.js';

const SIDE = 8;
const CELLS = 4;

/** Latent channel c [4, 4] ⇄ colour c [8, 8], each cell a 2×2 square; the fourth channel is 0. */
const decode = (latent: Float32Array) =>
  Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
    const [c, y, x] = [Math.floor(i / SIDE ** 2), Math.floor((i % SIDE ** 2) / SIDE), i % SIDE];
    return latent[c * CELLS ** 2 + Math.floor(y / 2) * CELLS + Math.floor(x / 2)]!;
  });
const encode = (image: Float32Array) =>
  Float32Array.from({ length: 4 * CELLS ** 2 }, (_, i) => {
    const [c, y, x] = [Math.floor(i / CELLS ** 2), Math.floor((i % CELLS ** 2) / CELLS), i % CELLS];
    return c === 3 ? 0 : image[c * SIDE ** 2 + 2 * y * SIDE + 2 * x]!;
  });

/** Predicts x0 = 0 (grey) everywhere, whatever it is shown; `shown` collects its inputs. */
function greySession(channels: number, shown: Tensor[]): GraphSession {
  const value = (name: string, shape: (number | string)[]) =>
    ({ name, isTensor: true, type: 'float32', shape }) as const;
  return {
    inputMetadata: [
      value('sample', ['b', channels, 'h', 'w']),
      value('timestep', []),
      value('encoder_hidden_states', ['b', 't', 'c']),
    ],
    outputMetadata: [value('out_sample', ['b', 4, 'h', 'w'])],
    run: ({ sample }: Record<string, Tensor>) => {
      shown.push(sample!);
      return Promise.resolve({
        out_sample: new Tensor('float32', new Float32Array(4 * CELLS ** 2), [1, 4, CELLS, CELLS]),
      });
    },
    release: () => Promise.resolve(),
  };
}

async function greyPipeline({ channels = 4, shown = [] as Tensor[], withEncoder = true } = {}) {
  const scheduler = { prediction_type: 'sample' };
  const model = await openModelFolder(await tinyModel({ scheduler, index: { _lascaux: { steps: 4, guidance: 1 } } }));
  const textEncoder: Partial<TextEncoder> = {
    tokenizer: clipTokenizer(trainBpe([], { vocabSize: 514 })),
    encodeIds: () => Promise.resolve({ ids: [], lastHiddenState: new Tensor('float32', [0], [1, 1, 1]) }),
    dispose: () => Promise.resolve(),
  };
  const rest = { config: model.vaeConfig, dispose: () => Promise.resolve() };
  const vaeEncoder = {
    ...rest,
    samplesInside: false,
    // A posterior whose draws are not its mean.
    encode: (image: Float32Array, { noiseSource }: EncodeOptions) =>
      Promise.resolve(noiseSource ? encode(image).map((value, i) => value + 0.02 * (-1) ** i) : encode(image)),
    posterior: () => Promise.reject(new Error('not used')),
  };
  return new TextToImagePipeline(model, {
    textEncoders: { text_encoder: textEncoder as TextEncoder },
    denoiser: denoiserFromSession(greySession(channels, shown), 'unet'),
    vaeDecoder: { ...rest, decode: (latent) => Promise.resolve(decode(latent)) },
    ...(withEncoder ? { loadVaeEncoder: () => Promise.resolve(vaeEncoder) } : {}),
  });
}

/** Cells of one colour each, brighter to the right; the mask covers the left half. */
const image: Picture = {
  width: SIDE,
  height: SIDE,
  pixels: Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, i) => 40 * Math.floor((Math.floor(i / 3) % SIDE) / 2) + 60),
};
const mask = {
  width: SIDE,
  height: SIDE,
  values: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE < 4 ? 255 : 0)),
};

describe('painting from a picture', () => {
  it('runs only the last steps, from the noised picture', async () => {
    const shown: Tensor[] = [];
    const pipeline = await greyPipeline({ shown });
    const { images, options } = await pipeline.generate({ prompt: 'x', image, strength: 0.5 });
    expect(shown).toHaveLength(2);
    expect(options).toMatchObject({ strength: 0.5, width: SIDE, height: SIDE });
    expect(new Set(images[0]!.pixels)).toEqual(new Set([128]));
    // Half way down a linear schedule √ᾱ is far from 0 and 1: the input correlates with the picture.
    const [first] = shown as [Tensor];
    const latent = encode(Float32Array.from({ length: 192 }, (_, i) => image.pixels[(i % 64) * 3]! / 127.5 - 1));
    const product = (first.data as Float32Array).reduce((sum, value, i) => sum + value * latent[i]!, 0);
    expect(product / latent.reduce((sum, value) => sum + value * value, 0)).toBeGreaterThan(0.2);
  });

  it('keeps what the mask does not cover, byte for byte, also in previews', async () => {
    const previews: Picture[] = [];
    const onStep = async ({ preview }: GenerateProgress) => void previews.push(await preview());
    const { images } = await (await greyPipeline()).generate({ prompt: 'x', image, mask, onStep });
    // Half a cell, one pixel, fades: there the painting has half a share.
    const faded = (128 + image.pixels[3 * 3]!) / 2;
    const row = [128, 128, 128, faded, 140, 140, 180, 180];
    for (const { pixels } of [...images, ...previews])
      expect([...pixels]).toEqual(Array.from({ length: 3 * SIDE * SIDE }, (_, i) => row[Math.floor(i / 3) % SIDE]));
    expect(previews).toHaveLength(4);
  });

  it.each([0, 127])('gives the picture itself where a mask of %i keeps everything', async (value) => {
    const keepsAll = { ...mask, values: new Uint8Array(SIDE * SIDE).fill(value) };
    const { images } = await (await greyPipeline()).generate({ prompt: 'x', image, mask: keepsAll, strength: 0.5 });
    expect(images[0]!.pixels).toEqual(image.pixels);
  });

  it('takes files, by their path or their bytes, as it takes what was decoded from them', async () => {
    // Lies on its side, and EXIF says so; the mask is as large as the upright image.
    const raw = { raw: { width: SIDE, height: SIDE, channels: 3 } } as const;
    const upright = sharp(image.pixels, raw).png();
    const bytes = await sharp(await upright.clone().rotate(-90).toBuffer())
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const maskBytes = await sharp(mask.values, { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toBuffer();
    const path = join(await temporaryFolder(), 'image.png');
    await sharp(bytes).withMetadata().toFile(path);
    const pipeline = await greyPipeline();
    const pixels = async (files: Pick<SourceOptions, 'image' | 'mask'>): Promise<Uint8Array> =>
      (await pipeline.generate({ prompt: 'x', seed: 3, ...files })).images[0]!.pixels;
    const wanted = await pixels({ image, mask });
    expect(new Set(wanted).size).toBeGreaterThan(2);
    expect(await pixels({ image: bytes, mask: maskBytes })).toEqual(wanted);
    expect(await pixels({ image: path, mask })).toEqual(wanted);
    expect(await pixels({ image, mask: maskBytes })).toEqual(wanted);
  });

  it('names the option whose file is missing or no image, and a mask without an image', async () => {
    const pipeline = await greyPipeline();
    const generate = (files: Pick<SourceOptions, 'image' | 'mask'>) => pipeline.generate({ prompt: 'x', ...files });
    await expect(generate({ image: 'no/such.png' })).rejects.toThrow(/^image: no such file, got "no\/such.png"/);
    await expect(generate({ image, mask: Uint8Array.of(1, 2) })).rejects.toThrow(/^mask: /);
    await expect(generate({ mask: 'mask.png' })).rejects.toThrow('mask: needs the option image');
  });

  it('shows the network what is kept as the mean of its posterior', async () => {
    const shown: Tensor[] = [];
    const drawn: number[] = [];
    const noise = () => (size: number) => {
      drawn.push(size);
      return new Float32Array(size);
    };
    const pipeline = await greyPipeline({ shown });
    await pipeline.generate({ prompt: 'x', image, mask, strength: 0.25, sampler: 'ddim', noise });
    // Without noise the input is the latent times the level's signal: all cells of one colour in the same ratio.
    const latent = encode(Float32Array.from({ length: 192 }, (_, i) => image.pixels[(i % 64) * 3]! / 127.5 - 1));
    const input = shown[0]!.data as Float32Array;
    for (let i = 0; i < input.length; i++) expect(input[i]! * latent[0]!).toBeCloseTo(input[0]! * latent[i]!, 5);
    expect(drawn).toEqual([4 * CELLS ** 2]);
  });

  it('shows an inpainting network the mask and the picture without the masked part', async () => {
    const shown: Tensor[] = [];
    const pipeline = await greyPipeline({ channels: 9, shown });
    await pipeline.generate({ prompt: 'x', image, mask });
    expect(shown[0]!.dims).toEqual([1, 9, CELLS, CELLS]);
    const extra = (shown[0]!.data as Float32Array).subarray(4 * CELLS ** 2);
    const row = [0, 0, 140 / 127.5 - 1, 180 / 127.5 - 1].map(Math.fround);
    expect([...extra.subarray(0, 4)]).toEqual([1, 1, 0, 0]);
    expect([...extra.subarray(CELLS ** 2, CELLS ** 2 + 4)]).toEqual(row);
    await expect(pipeline.generate({ prompt: 'x', image })).rejects.toThrow('needs a picture and a mask');
  });

  it('says when the model has no encoder', async () => {
    const pipeline = await greyPipeline({ withEncoder: false });
    await expect(pipeline.generate({ prompt: 'x', image })).rejects.toThrow('needs vae_encoder/');
  });
});

describe('resolveSource', () => {
  const model = { width: SIDE, height: SIDE, steps: 10, guidanceScale: 1, sampler: undefined };
  const resolve = (options: Omit<GenerateOptions, 'prompt'>) => {
    const resolved = resolveOptions({ prompt: '', ...options }, model, { multiple: 1 });
    return resolveSource({ ...resolved, image: options.image, mask: options.mask }, beginForStrength);
  };

  it('leaves out steps as diffusers counts them', () => {
    expect(resolve({})).toBeUndefined();
    expect(resolve({ image })).toMatchObject({ strength: 0.8, begin: 2 });
    expect(resolve({ image, mask })).toMatchObject({ strength: 1, begin: 0 });
    expect(resolve({ image, strength: 0.19 })).toMatchObject({ begin: 9 });
  });

  it.each([
    [{ mask }, /^mask: needs the option image/],
    [{ strength: 0.5 }, /^strength: needs the option image/],
    [{ image, strength: 0 }, /^strength: must be above 0/],
    [{ image, strength: 0.05 }, /^strength: must leave at least one of 10 steps/],
    [{ image: { ...image, width: 4 } }, /^image: must be 8x8 pixels, .* got "4x8/],
    [{ image, mask: { ...mask, values: new Uint8Array(3) } }, /^mask: must be 8x8/],
  ])('refuses what does not fit', (options, message) => {
    expect(() => resolve(options)).toThrow(message);
  });
});

describe('transparency', () => {
  it('is white, in an image and in a mask', async () => {
    const path = join(await temporaryFolder(), 'half.png');
    const pixels = Uint8Array.of(0, 0, 0, 255, 0, 0, 0, 0);
    await sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } }).toFile(path);
    const met: string[] = [];
    const options = (option: string) => ({ option, onTransparent: () => met.push(option) });
    const { pixels: image } = await readPicture(path, { width: 2, height: 1 }, options('image'));
    const { values } = await readMask(path, { width: 2, height: 1 }, options('mask'));
    expect([...image]).toEqual([0, 0, 0, 255, 255, 255]);
    expect([...values]).toEqual([0, 255]);
    expect(met).toEqual(['image', 'mask']);
  });

  it('is not met in an alpha channel that is opaque everywhere', async () => {
    const path = join(await temporaryFolder(), 'opaque.png');
    await sharp({ create: { width: 2, height: 2, channels: 4, background: '#102030ff' } }).toFile(path);
    const fail = () => expect.unreachable();
    const { pixels } = await readPicture(path, { width: 1, height: 1 }, { option: 'image', onTransparent: fail });
    expect([...pixels]).toEqual([16, 32, 48]);
  });
});

describe('masks', () => {
  it('shrink by the upper left pixel of each cell', () => {
    const values = Uint8Array.of(255, 0, 127, 255, 0, 0, 0, 0);
    expect([...latentMask({ values, width: 4, height: 2 }, 2)]).toEqual([1, 0]);
  });

  it('hide every channel of what is repainted', () => {
    const values = Uint8Array.of(255, 0);
    expect([...hideMasked(Float32Array.of(1, 2, 3, 4), { values, width: 2, height: 1 })]).toEqual([0, 2, 0, 4]);
  });
});

describe('keepUnmasked', () => {
  it('fades from the edge inwards, and leaves what is kept as it was', () => {
    const picture = (value: number): Picture => ({ width: 6, height: 1, pixels: new Uint8Array(18).fill(value) });
    const laid = (values: number[], feather: number) => {
      const over = { mask: { values: Uint8Array.from(values), width: 6, height: 1 }, feather };
      return [...keepUnmasked(picture(120), picture(0), over).pixels].filter((_, i) => i % 3 === 0);
    };
    expect(laid([0, 255, 255, 255, 255, 255], 2)).toEqual([0, 40, 80, 120, 120, 120]);
    expect(laid([255, 255, 255, 255, 128, 127], 2)).toEqual([120, 120, 120, 80, 40, 0]);
    expect(laid([0, 255, 255, 255, 255, 255], 0)).toEqual([0, 120, 120, 120, 120, 120]);
    expect(laid([255, 255, 255, 255, 255, 255], 4)).toEqual([120, 120, 120, 120, 120, 120]);
  });

  it('counts diagonal steps, on all sides of a kept pixel', () => {
    const picture = (value: number): Picture => ({ width: 5, height: 5, pixels: new Uint8Array(75).fill(value) });
    const values = new Uint8Array(25).fill(255);
    values[12] = 0;
    const { pixels } = keepUnmasked(picture(90), picture(0), { mask: { values, width: 5, height: 5 }, feather: 2 });
    const ring = (x: number, y: number) => Math.max(Math.abs(x - 2), Math.abs(y - 2));
    expect([...pixels]).toEqual(
      Array.from({ length: 75 }, (_, i) => 30 * ring(Math.floor(i / 3) % 5, Math.floor(i / 15))),
    );
  });
});

describe('sizeLike', () => {
  it('keeps the shape at about the number of pixels of the model', () => {
    expect(sizeLike({ width: 1600, height: 900 }, { width: 64, height: 64 }, { multiple: 8 })).toEqual({
      width: 88,
      height: 48,
    });
    expect(sizeLike({ width: 5, height: 5000 }, { width: 64, height: 64 }, { multiple: 8 })).toEqual({
      width: 8,
      height: 2024,
    });
  });
});
