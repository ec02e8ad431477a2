import { randomStream } from '@lascaux/nn';
import { createAugmenter, GENERATIVE_LOOK, type Augmentation } from '@lascaux/classifier';
import { describe, expect, it } from 'vitest';

const SIZE = 16;
const NOTHING: Augmentation = {
  ...{ shift: 0, scale: 0, blur: 0, coarseNoise: 0, fineNoise: 0 },
  ...{ contrast: 0, brightness: 0, tint: 0 },
};

function augmented(bytes: Uint8Array, look: Augmentation, seed = 1): Float32Array {
  const target = new Float32Array(bytes.length);
  createAugmenter(SIZE, look, randomStream(0)).augment(bytes, randomStream(seed), target);
  return target;
}

/** Black but for one white dot in the middle of the red channel. */
function dot(): Uint8Array {
  const bytes = new Uint8Array(SIZE * SIZE * 3);
  bytes[3 * (8 * SIZE + 8)] = 255;
  return bytes;
}

describe('augmentation', () => {
  it('without any change only turns bytes into planes of [−1, 1]', () => {
    const pixels = augmented(dot(), NOTHING);
    const expected = new Float32Array(SIZE * SIZE * 3).fill(-1);
    expected[8 * SIZE + 8] = 1;
    expect(pixels).toEqual(expected);
  });

  it('leaves a flat picture flat when it moves, scales and blurs', () => {
    const flat = new Uint8Array(SIZE * SIZE * 3).fill(51);
    const pixels = augmented(flat, { ...NOTHING, shift: 4, scale: 0.2, blur: 2 });
    for (const value of pixels) expect(value).toBeCloseTo(51 / 127.5 - 1, 5);
  });

  it('spreads a dot into a Gaussian: the same sum, the variance of the blur, the same along both axes', () => {
    // A stream whose every draw is ½: no shift, no noise, half of the largest blur.
    const half = { ...randomStream(0), uniform: () => 0.5, integer: () => 0 };
    const target = new Float32Array(SIZE * SIZE * 3);
    createAugmenter(SIZE, { ...NOTHING, blur: 2.4 }, randomStream(0)).augment(dot(), half, target);
    const light = (x: number, y: number): number => (target[y * SIZE + x]! + 1) / 2;
    let [sum, variance] = [0, 0];
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        sum += light(x, y);
        variance += light(x, y) * (x - 8) ** 2;
        expect(light(x, y)).toBeCloseTo(light(y, x), 6);
      }
    }
    expect(sum).toBeCloseTo(1, 4);
    // 1.2² = 1.44; cut at 2.5 deviations it is a little less.
    expect(variance).toBeGreaterThan(1.3);
    expect(variance).toBeLessThan(1.45);
  });

  it('depends on its stream alone and stays within [−1, 1]', () => {
    const first = augmented(dot(), GENERATIVE_LOOK, 7);
    expect(augmented(dot(), GENERATIVE_LOOK, 7)).toEqual(first);
    expect(augmented(dot(), GENERATIVE_LOOK, 8)).not.toEqual(first);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...first)).toBeLessThanOrEqual(1);
  });
});
