import { describe, expect, it } from 'vitest';
import {
  argmax,
  classificationAccuracy,
  clipScore,
  extractFeatures,
  extractMoments,
  featureMatrixFromRows,
  meanPsnr,
  meanSquaredError,
  momentsOf,
  psnr,
  retrievalAccuracy,
  type RgbBatch,
  type ImageFeatureExtractor,
} from '@lascaux/evaluator';

describe('psnr', () => {
  it('equals hand-computed values', () => {
    expect(psnr([0, 0, 0, 0], [0.2, -0.2, 0.2, -0.2])).toBeCloseTo(20, 12);
    expect(psnr([10, 20], [11, 19], { peak: 255 })).toBeCloseTo(48.1308036, 6);
    expect(psnr([1, 2], [1, 2])).toBe(Infinity);
    expect(meanSquaredError([1, 2, 3], [1, 4, 3])).toBeCloseTo(4 / 3, 14);
  });

  it('is averaged picture by picture', () => {
    const [images, references] = [Float32Array.of(0, 0, 1, 1), Float32Array.of(1, 1, 1, 0)];
    expect(meanPsnr(images, references, { pixelsPerImage: 2, peak: 1 })).toBeCloseTo((0 + 10 * Math.log10(2)) / 2, 12);
  });

  it('refuses unequal lengths and a bad peak', () => {
    expect(() => psnr([1], [1, 2])).toThrow('got 1 and 2');
    expect(() => psnr([1], [1], { peak: 0 })).toThrow('peak must be positive, got 0');
    expect(() => meanPsnr(new Float32Array(5), new Float32Array(5), { pixelsPerImage: 2 })).toThrow('multiple of 2');
  });
});

describe('clipScore', () => {
  it('is 100 times the cosine, not below zero', () => {
    const images = featureMatrixFromRows([
      [2, 0],
      [1, 1],
      [1, 0],
    ]);
    const { mean, scores } = clipScore(
      images,
      featureMatrixFromRows([
        [5, 0],
        [1, 0],
        [-3, 0],
      ]),
    );
    expect(scores[0]).toBeCloseTo(100, 12);
    expect(scores[1]).toBeCloseTo(100 / Math.SQRT2, 12);
    expect(scores[2]).toBe(0);
    expect(mean).toBeCloseTo((100 + 100 / Math.SQRT2) / 3, 12);
  });

  it('refuses rows without direction or partner', () => {
    const one = featureMatrixFromRows([[1, 0]]);
    expect(() => clipScore(one, featureMatrixFromRows([[0, 0]]))).toThrow(
      'a row of zeros has no direction, got one at row 0',
    );
    expect(() =>
      clipScore(
        one,
        featureMatrixFromRows([
          [1, 0],
          [0, 1],
        ]),
      ),
    ).toThrow('got 1 images and 2 texts');
  });
});

describe('retrievalAccuracy', () => {
  const angles = (...degrees: number[]) =>
    featureMatrixFromRows(degrees.map((a) => [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)]));

  it('counts partners that are nearest', () => {
    const result = retrievalAccuracy(angles(0, 90, 180, 270), angles(5, 95, 260, 265));
    expect(result).toEqual({ textToImage: 0.75, imageToText: 1 });
    expect(retrievalAccuracy(angles(0, 90, 180, 270), angles(5, 95, 260, 265), { k: 2 }).textToImage).toBe(1);
  });

  it('compares within groups and leaves an incomplete one out', () => {
    expect(retrievalAccuracy(angles(0, 90, 0, 90, 45), angles(1, 91, 1, 91, 50), { among: 2 })).toEqual({
      textToImage: 1,
      imageToText: 1,
    });
  });

  it('gives a collapsed encoder nothing', () => {
    expect(retrievalAccuracy(angles(0, 0, 0), angles(0, 0, 0))).toEqual({ textToImage: 0, imageToText: 0 });
  });

  it('refuses groups that cannot be', () => {
    expect(() => retrievalAccuracy(angles(0, 1), angles(0, 1), { among: 3 })).toThrow('from 2 to 2 pairs, got 3');
  });
});

describe('classificationAccuracy', () => {
  const scores = featureMatrixFromRows([
    [1, 2, 0],
    [5, 1, 1],
    [0, 1, 2],
    [1, 1, 1],
  ]);

  it('counts strictly highest labels', () => {
    expect(classificationAccuracy(scores, [1, 0, 1, 0])).toEqual({ accuracy: 0.5, perClass: [0.5, 0.5, null] });
    expect(classificationAccuracy(scores, [1, 0, 1, 0], { k: 2 }).accuracy).toBe(0.75);
    expect(argmax([1, 3, 3])).toBe(1);
  });

  it('refuses labels that are no class', () => {
    expect(() => classificationAccuracy(scores, [1, 0, 1, 3])).toThrow('from 0 to 2, got 3 at row 3');
    expect(() => classificationAccuracy(scores, [1])).toThrow('4 rows and 1 labels');
  });
});

describe('feature extraction', () => {
  const mean: ImageFeatureExtractor = {
    name: 'mean-colour',
    dimensions: 2,
    extract: ({ pixels, count }: RgbBatch) =>
      Promise.resolve(
        Float32Array.from({ length: 2 * count }, (_, i) => pixels[3 * Math.floor(i / 2) + (i % 2)] ?? NaN),
      ),
  };
  const batches: RgbBatch[] = [
    { pixels: Uint8Array.of(1, 2, 0, 3, 5, 0), count: 2, height: 1, width: 1 },
    { pixels: Uint8Array.of(8, 2, 0), count: 1, height: 1, width: 1 },
  ];

  it('joins batches and reports progress', async () => {
    const done: number[] = [];
    const features = await extractFeatures(mean, batches, { onProgress: (count) => done.push(count) });
    expect([...features.data]).toEqual([1, 2, 3, 5, 8, 2]);
    expect(done).toEqual([2, 3]);
    const [streamed, whole] = [await extractMoments(mean, batches), momentsOf(features)];
    streamed.covariance.forEach((value, i) => expect(value).toBeCloseTo(whole.covariance[i] ?? NaN, 12));
  });

  it('names the picture with a bad feature, and stops when told', async () => {
    const broken = {
      ...mean,
      extract: ({ count }: RgbBatch) => Promise.resolve(new Float32Array(2 * count).fill(count === 1 ? NaN : 0)),
    };
    await expect(extractFeatures(broken, batches)).rejects.toThrow(
      'mean-colour: features must be finite, got NaN for image 2',
    );
    const short = { ...mean, extract: () => Promise.resolve(new Float32Array(3)) };
    await expect(extractFeatures(short, batches)).rejects.toThrow('2 images must give 2×2 features, got 3');
    await expect(extractFeatures(mean, batches, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
