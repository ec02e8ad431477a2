import { TextToImagePipeline } from '@lascaux/pipeline';
import { describe, expect, it } from 'vitest';
import { modern, tinyModel, type Vintage } from '@lascaux/model-fixtures';

async function withPipeline<T>(folder: string, use: (pipeline: TextToImagePipeline) => Promise<T>): Promise<T> {
  const pipeline = await TextToImagePipeline.fromPretrained(folder);
  try {
    return await use(pipeline);
  } finally {
    await pipeline.dispose();
  }
}

const paint = (folder: string, options: object = {}) =>
  withPipeline(folder, (pipeline) => pipeline.generate({ prompt: 'a cat', ...options }));

describe('TextToImagePipeline', () => {
  it('paints with the settings that the model recommends', async () => {
    const { images, options } = await paint(await tinyModel());
    expect(options).toMatchObject({ steps: 3, guidanceScale: 2, sampler: 'ddim', width: 8, height: 8, seed: 0 });
    expect(images).toHaveLength(1);
    expect(images[0]).toMatchObject({ width: 8, height: 8, seed: 0 });
    expect(new Set(images[0]!.pixels).size).toBeGreaterThan(15);
  });

  it('gives each image of a call what a call of its own gives', async () => {
    const folder = await tinyModel();
    for (const sampler of ['ddim', 'ddpm']) {
      const { images } = await paint(folder, { seed: 5, count: 3, sampler });
      expect(images.map(({ seed }) => seed)).toEqual([5, 6, 7]);
      const alone = await paint(folder, { seed: 7, sampler });
      expect(images[2]!.pixels).toEqual(alone.images[0]!.pixels);
      expect(images[1]!.pixels).not.toEqual(alone.images[0]!.pixels);
    }
  });

  it('depends on prompt, negative prompt, guidance, steps and seed', async () => {
    const folder = await tinyModel();
    const variants = [
      {},
      { prompt: 'a dog' },
      { negativePrompt: 'a dog' },
      { guidanceScale: 3 },
      { steps: 4 },
      { seed: 1 },
    ];
    const pictures = await withPipeline(folder, async (pipeline) => {
      const results = [];
      for (const variant of variants) results.push(await pipeline.generate({ prompt: 'a cat', ...variant }));
      return results.map(({ images }) => images[0]!.pixels.join());
    });
    expect(new Set(pictures).size).toBe(variants.length);
  });

  it('ignores the negative prompt when guidance is off', async () => {
    const folder = await tinyModel();
    const plain = await paint(folder, { guidanceScale: 1 });
    const negative = await paint(folder, { guidanceScale: 1, negativePrompt: 'a dog' });
    expect(negative.images[0]!.pixels).toEqual(plain.images[0]!.pixels);
  });

  it('keeps width and height apart', async () => {
    const { images } = await paint(await tinyModel(), { width: 12, height: 8 });
    expect(images[0]).toMatchObject({ width: 12, height: 8 });
    expect(images[0]!.pixels).toHaveLength(12 * 8 * 3);
  });

  // Every stage of the tiny model works on each cell alone.
  it('paints each cell of the noise where it belongs', async () => {
    const size = { width: 12, height: 8 };
    const noiseIn = (cell: number) => () => (length: number) =>
      new Float32Array(length).map((_, i) => (cell >= 0 && i % 24 === cell ? 1 : 0));
    await withPipeline(await tinyModel(), async (pipeline) => {
      const plain = await pipeline.generate({ prompt: 'a cat', ...size, noise: noiseIn(-1) });
      // rows of six cells: cell 8 is the third of the second row, pixels (4 … 5, 2 … 3)
      const one = await pipeline.generate({ prompt: 'a cat', ...size, noise: noiseIn(8) });
      const changed = Array.from({ length: 12 * 8 }, (_, pixel) => pixel).filter((pixel) =>
        [0, 1, 2].some((c) => plain.images[0]!.pixels[3 * pixel + c] !== one.images[0]!.pixels[3 * pixel + c]),
      );
      expect(changed).toEqual([28, 29, 40, 41]);
    });
  });

  it('gives overlapping calls the pictures that they give one after the other', async () => {
    await withPipeline(await tinyModel(), async (pipeline) => {
      const calls = [
        { prompt: 'a cat', seed: 1, count: 3 },
        { prompt: 'a (dog:1.4)', seed: 2, width: 12, sampler: 'ddpm', count: 2 },
        { prompt: 'two dogs', guidanceScale: 0, steps: 7 },
      ];
      const pixels = ({ images }: { images: { pixels: Uint8Array }[] }) => images.map((image) => image.pixels);
      const alone = [];
      for (const call of calls) alone.push(pixels(await pipeline.generate(call)));
      expect((await Promise.all(calls.map((call) => pipeline.generate(call)))).map(pixels)).toEqual(alone);
    });
  });

  it('reads weights in brackets, or takes them as they are', async () => {
    await withPipeline(await tinyModel(), async (pipeline) => {
      const paintPrompt = async (prompt: string, promptSyntax?: 'plain') =>
        (await pipeline.generate({ prompt, promptSyntax })).images[0]!.pixels;
      const plain = await paintPrompt('a cat');
      expect(await paintPrompt('a (cat:1)')).toEqual(plain);
      expect(await paintPrompt('a cat', 'plain')).toEqual(plain);
      expect(await paintPrompt('a (cat:1.5)')).not.toEqual(plain);
      expect(await paintPrompt('a (cat:1)', 'plain')).not.toEqual(plain);
    });
  });

  it('says what clip skip needs', async () => {
    await expect(paint(await tinyModel(), { clipSkip: 2 })).rejects.toThrow(
      /text_encoder: clip skip .* must be exported with its hidden states/,
    );
  });

  it('reports every step, and leaves out what does not fit into one sequence in plain syntax', async () => {
    const steps: string[] = [];
    const { truncated } = await paint(await tinyModel(), {
      prompt: 'cat '.repeat(50),
      promptSyntax: 'plain',
      count: 2,
      onStep: ({ image, step }: { image: number; step: number }) => void steps.push(`${image}.${step}`),
    });
    expect(steps).toEqual(['0.1', '0.2', '0.3', '1.1', '1.2', '1.3']);
    expect(truncated).toEqual({ prompt: 20, negativePrompt: 0 });
  });

  it('stops at the next step when it is told to', async () => {
    const controller = new AbortController();
    const run = paint(await tinyModel(), { signal: controller.signal, onStep: () => controller.abort() });
    await expect(run).rejects.toThrow('aborted');
  });

  it('says where values stop being numbers', async () => {
    const folder = await tinyModel({ weight: Number.NaN });
    await expect(paint(folder)).rejects.toThrow(/^denoiser, step 1 of 3: .* got NaN/);
  });

  it.each([
    [{ steps: 0 }, /^steps: must be a whole number from 1 to 1000, got 0$/],
    [{ steps: 2.5 }, /^steps: must be a whole number from 1 to 1000, got 2.5$/],
    [{ steps: null }, /^steps: must be a whole number .* got null/],
    [{ guidanceScale: Number.NaN }, /^guidanceScale: .* got NaN/],
    [{ width: 63 }, /^width: must be a multiple of 2 for this model, got 63 \(accepted: 62, 64\)/],
    [{ height: 1e6 }, /^height: must be a whole number from 8 to 2048, got 1000000/],
    [{ sampler: 'magic' }, /^sampler: must be a known sampler, got "magic" \(accepted: .*ddim/],
    [{ seed: -2 }, /^seed: must be a whole number from -1 to/],
    [{ seed: Number.MAX_SAFE_INTEGER, count: 2 }, /^seed: every image must have a seed below 2\^53/],
    [{ clipSkip: 13 }, /^clipSkip: must be a whole number from 1 to 12, got 13/],
    [{ guidanceRescale: 2 }, /^guidanceRescale: must be a number from 0 to 1, got 2/],
    [{ promptSyntax: 'x' }, /^promptSyntax: must be one of these, got "x" \(accepted: a1111, plain\)/],
    [{ targetSize: { width: -1, height: 1 } }, /^targetSize: must be two whole numbers, got .*-1/],
    [{ targetSize: { width: 1, height: 1 } }, /^targetSize: has no meaning for Stable Diffusion/],
    [{ image: 'no/such.png' }, /^image: no such file, got "no\/such.png"/],
    [{ image: { pixels: [1, 2, 3], width: 8, height: 8 } }, /^image: must be an image/],
    [{ mask: { values: new Uint8Array(1), width: 1, height: 1 } }, /^mask: needs the option image/],
    [{ prompt: 7 }, /^prompt: must be a text, got 7/],
    [{ prompt: undefined }, /^prompt: must be a text/],
  ])('refuses %j', async (options, message) => {
    await expect(paint(await tinyModel(), options)).rejects.toThrow(message);
  });
});

describe('export vintages', () => {
  const vintages: [string, Vintage][] = [
    ['int32 ids, int64 timestep of any length', { ...modern, ids: 'int32', timestep: 'int64', timestepAxis: 'steps' }],
    ['int32 ids, float timestep per image', { ...modern, ids: 'int32', timestepAxis: 'batch' }],
    ['scalar int64 timestep', { ...modern, timestep: 'int64' }],
  ];

  it.each(vintages)('%s: same picture as the newest', async (_, vintage) => {
    const [old, newest] = [await paint(await tinyModel({ vintage })), await paint(await tinyModel())];
    expect(old.images[0]!.pixels).toEqual(newest.images[0]!.pixels);
  });

  it('half precision: nearly the same picture', async () => {
    const vintage = { ...modern, float: 'float16', timestep: 'float16' } as const;
    const [half, full] = [await paint(await tinyModel({ vintage })), await paint(await tinyModel())];
    const differences = half.images[0]!.pixels.map((value, i) => Math.abs(value - full.images[0]!.pixels[i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(2);
    expect(Math.max(...differences)).toBeGreaterThan(0);
  });
});
