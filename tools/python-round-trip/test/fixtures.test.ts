import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertModel } from '@lascaux/models/convert';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { paintCase, psnr, readCase } from '@lascaux/python-round-trip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Pipelines that diffusers saved and what it painted with them; README.md says how they are made. */
const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));
const families = {
  sd1: ['sd1-pndm', 'sd1-wide-euler-ancestral', 'sd1-from-picture', 'sd1-masked'],
  taesd: ['taesd', 'taesd-from-picture'],
  sd2: ['sd2-velocity'],
  sdxl: ['sdxl', 'sdxl-negative-wide'],
  inpainting: ['inpainting'],
  lcm: ['lcm'],
  sd3: ['sd3', 'sd3-unguided-tall', 'sd3-negative-wide', 'sd3-from-picture', 'sd3-earlier-layer'],
  sd35: ['sd35', 'sd35-masked'],
  flux: ['flux', 'flux-wide', 'flux-from-picture', 'flux-masked'],
  schnell: ['schnell'],
};

it('every case belongs to a family', async () => {
  const names = (await readdir(fixtures)).filter((name) => name.endsWith('.safetensors'));
  const listed = Object.values(families).flat();
  expect(names.map((name) => name.replace('.safetensors', '')).sort()).toEqual(listed.sort());
});

describe.each(Object.entries(families))('%s, as diffusers saved it', (family, names) => {
  let folder: string;
  let pipeline: TextToImagePipeline;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lascaux-python-'));
    const out = join(folder, family);
    const { components } = await convertModel({ model: join(fixtures, family), out });
    // What diffusers saved in half precision stays so.
    expect(new Set(Object.values(components).map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    pipeline = await TextToImagePipeline.fromPretrained(out);
  }, 120_000);

  afterAll(async () => {
    await pipeline.dispose();
    await rm(folder, { recursive: true });
  });

  it.each(names)('%s: the picture that diffusers paints', { timeout: 60_000 }, async (name) => {
    const given = await readCase(join(fixtures, `${name}.safetensors`));
    expect(psnr(await paintCase(pipeline, given), given.pixels)).toBeGreaterThan(60);
    const other = { ...given, options: { ...given.options, prompt: 'dog' } };
    expect(psnr(await paintCase(pipeline, other), given.pixels)).toBeLessThan(40);
  });

  it('refuses noise of another size', async () => {
    const given = await readCase(join(fixtures, `${names[0]!}.safetensors`));
    const short = { ...given, noise: [new Float32Array(4)] };
    await expect(paintCase(pipeline, short)).rejects.toThrow(/noise 1: must be as many values .* got 4/);
  });
});

describe('psnr', () => {
  const picture = (values: number[]) => ({ values: Uint8Array.from(values), width: 2, height: 1 });

  it('is 10·log10(255² / mean squared difference)', () => {
    expect(psnr(picture([0, 0]), picture([255, 255]))).toBeCloseTo(0, 12);
    expect(psnr(picture([10, 20]), picture([11, 20]))).toBeCloseTo(10 * Math.log10(255 ** 2 * 2), 10);
    expect(psnr(picture([10, 20]), picture([10, 20]))).toBe(99);
  });

  it('refuses pictures of different sizes', () => {
    expect(() => psnr(picture([1, 2]), { values: Uint8Array.of(1), width: 1, height: 1 })).toThrow(
      /same size, got "1x1"/,
    );
  });
});
