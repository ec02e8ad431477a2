import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openImageFolder, writePng } from '@lascaux/data';
import { featureMatrixFromRows, type RgbPicture } from '@lascaux/evaluator';
import {
  evaluateClipScore,
  evaluateCmmd,
  evaluateFid,
  evaluateKid,
  evaluateNll,
  evaluatePrecisionRecall,
  saveStatistics,
  type EvaluationNotice,
  type EvaluationProgress,
} from '@lascaux/evaluator/evaluate';
import { networkModel, temporaryFolder } from '@lascaux/model-fixtures';
import { describe, expect, it } from 'vitest';

const SIDE = 8;
const shades = [10, 90, 170, 250];
const plain = (shade: number): RgbPicture => ({
  pixels: new Uint8Array(3 * SIDE ** 2).map((_, i) => (i % 3 === 0 ? shade : 128)),
  width: SIDE,
  height: SIDE,
});

async function folderOf(pictures: readonly RgbPicture[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const [i, { pixels, width, height }] of pictures.entries()) {
    await writePng(join(folder, `${i}.png`), Uint8Array.from(pixels), { width, height });
    await writeFile(join(folder, `${i}.txt`), 'a red cat');
  }
  return folder;
}

describe('features given as such', () => {
  const square = featureMatrixFromRows([
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ]);
  const moved = featureMatrixFromRows([
    [4, 5],
    [4, 3],
    [2, 5],
    [2, 3],
  ]);

  it('of equal covariance have the squared distance of their means as FID', async () => {
    const result = await evaluateFid({ generated: moved, real: square, minimum: 2 });
    expect(result.fid).toBeCloseTo(3 ** 2 + 4 ** 2, 6);
    expect(result.sets.map(({ path, kind, count }) => [path, kind, count])).toEqual([
      ['generated', 'features', 4],
      ['real', 'features', 4],
    ]);
  });

  it('are enough for KID and precision and recall', async () => {
    const { kid } = await evaluateKid({ generated: moved, real: square, subsets: 3, subsetSize: 4 });
    expect(kid).toBeGreaterThan(0);
    const same = await evaluatePrecisionRecall({ generated: square, real: square, k: 1 });
    expect(same).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
  });

  it.each([
    [() => evaluateFid({ generated: moved, real: square }), /^minimum: generated: at least 2048 pictures are needed/],
    [() => evaluateKid({ generated: moved, real: square }), /^subsetSize: generated: at least 1000 .*, got 4$/],
    [() => evaluateFid({ generated: 'no-such', real: square, minimum: 2 }), /no such file or folder, got "no-such"/],
    [
      () => evaluateFid({ generated: moved, real: featureMatrixFromRows([[1], [2]]), minimum: 2 }),
      /must have as many dimensions/,
    ],
    [() => saveStatistics({ images: moved, save: 'x.txt' }), /^save: must end in .npz/],
  ])('are refused in the words of options: %s', async (call, message) => {
    await expect(call()).rejects.toThrow(message);
  });
});

describe('images', () => {
  const [dark, light] = [shades.map((shade) => plain(shade)), shades.map((shade) => plain(255 - shade / 2))];

  it('give the same number as arrays, as a folder and as an opened set', async () => {
    const [folder, real] = [await folderOf(dark), await folderOf(light)];
    const options = { cache: false, threads: 1 } as const;
    const { cmmd } = await evaluateCmmd({ generated: dark, real: light, ...options });
    expect(cmmd).toBeGreaterThan(0);
    expect((await evaluateCmmd({ generated: folder, real, ...options })).cmmd).toBe(cmmd);
    const set = await openImageFolder(folder);
    expect((await evaluateCmmd({ generated: set, real: light, ...options })).cmmd).toBe(cmmd);
  });

  it('tell how far they are and what was found, and stop when they are told to', async () => {
    const folder = await folderOf(dark);
    const told: (EvaluationNotice | EvaluationProgress)[] = [];
    const { clipScore } = await evaluateClipScore({
      images: folder,
      cache: false,
      onProgress: (progress) => told.push(progress),
      onNotice: (notice) => told.push(notice),
    });
    expect(clipScore).toBeGreaterThanOrEqual(0);
    expect(told).toContainEqual({ what: 'images', set: folder, done: 4, total: 4 });
    expect(told.flatMap((one) => ('kind' in one ? [one.kind] : []))).toEqual(['found', 'read']);
    const stopped = evaluateCmmd({ generated: dark, real: light, cache: false, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow('aborted');
  });

  it('need captions where captions are compared', async () => {
    await expect(evaluateClipScore({ images: dark, cache: false })).rejects.toThrow(
      /^images: each picture needs a caption/,
    );
  });

  it('have bounds of their likelihood, from a folder or an opened set', async () => {
    const [model, folder] = [await networkModel(), await folderOf(dark)];
    const options = { model, size: 16, timesteps: 2, parts: ['autoencoder'] } as const;
    const { autoencoder, pictures } = await evaluateNll({ images: folder, ...options });
    expect(pictures).toBe(4);
    expect((await evaluateNll({ images: await openImageFolder(folder), ...options })).autoencoder).toEqual(autoencoder);
  });
});
