import { describe, expect, it } from 'vitest';
import type { fidConventions } from '@lascaux/evaluator';
import {
  antialiasedBicubic,
  INCEPTION_SIZE,
  preprocessForInception,
  resizePicture,
  tensorflowBilinear,
  torchBilinear,
  type AxisFilterRule,
  type RgbPicture,
} from '@lascaux/evaluator';
import { fixture, linearCongruential } from './features.js';

/** A grey picture of one row. */
const row = (...values: number[]): RgbPicture => ({
  pixels: Uint8Array.from(values.flatMap((value) => [value, value, value])),
  height: 1,
  width: values.length,
});
const resizedRow = (picture: RgbPicture, width: number, rule: AxisFilterRule): number[] => [
  ...resizePicture(picture, { height: 1, width }, rule).subarray(0, width),
];

describe('the three conventions on a row of two pixels', () => {
  it('TensorFlow 1: coordinates 0, ½, 1, 1½', () => {
    expect(resizedRow(row(0, 100), 4, tensorflowBilinear)).toEqual([0, 50, 100, 100]);
  });

  it('PyTorch: coordinates −¼, ¼, ¾, 1¼', () => {
    expect(resizedRow(row(0, 100), 4, torchBilinear)).toEqual([0, 25, 75, 100]);
  });

  it('Pillow bicubic overshoots', () => {
    const [first = NaN, second = NaN, third = NaN, last = NaN] = resizedRow(row(0, 100), 4, antialiasedBicubic);
    expect(first).toBeLessThan(0);
    expect(second).toBeCloseTo(100 - third, 4);
    expect(last).toBeGreaterThan(100);
  });
});

describe('reducing', () => {
  it('bilinear skips pixels, bicubic averages them', () => {
    const stripes = row(0, 200, 0, 200, 0, 200, 0, 200);
    expect(resizedRow(stripes, 2, tensorflowBilinear)).toEqual([0, 0]);
    expect(resizedRow(stripes, 2, torchBilinear)).toEqual([100, 100]);
    for (const value of resizedRow(stripes, 2, antialiasedBicubic)) expect(Math.abs(value - 100)).toBeLessThan(10);
  });

  it('PyTorch from three to two: coordinates ¼ and 1¾', () => {
    expect(resizedRow(row(0, 40, 100), 2, torchBilinear)).toEqual([10, 85]);
  });
});

describe.each([
  ['TensorFlow', tensorflowBilinear],
  ['PyTorch', torchBilinear],
  ['bicubic', antialiasedBicubic],
] as const)('%s', (_, rule) => {
  it('keeps a constant, and the picture at its own size', () => {
    const constant = { pixels: new Uint8Array(5 * 7 * 3).fill(93), height: 5, width: 7 };
    for (const value of resizePicture(constant, { height: 11, width: 3 }, rule)) expect(value).toBeCloseTo(93, 4);
    const u = linearCongruential(2);
    const pixels = Uint8Array.from({ length: 4 * 3 * 3 }, () => 256 * u());
    const same = resizePicture({ pixels, height: 4, width: 3 }, { height: 4, width: 3 }, rule);
    same.forEach((value, i) => expect(value).toBeCloseTo(pixels[3 * (i % 12) + Math.floor(i / 12)] ?? NaN, 4));
  });

  it('treats rows and columns alike', () => {
    const u = linearCongruential(3);
    const values = Array.from({ length: 6 }, () => Math.floor(256 * u()));
    const across = resizePicture(row(...values), { height: 1, width: 9 }, rule);
    const down = resizePicture({ ...row(...values), height: 6, width: 1 }, { height: 9, width: 1 }, rule);
    across.forEach((value, i) => expect(down[i]).toBeCloseTo(value, 4));
  });

  it('enlarges a single pixel', () => {
    expect(resizedRow(row(7), 3, rule)).toEqual([7, 7, 7]);
  });
});

interface PillowCase {
  input: [number, number];
  output: [number, number];
  planes: number[];
}

it.each(fixture<PillowCase[]>('pillow-bicubic.json'))(
  'bicubic from $input to $output equals Pillow',
  ({ input, output, planes }) => {
    let state = 12345;
    const pixels = Uint8Array.from({ length: input[0] * input[1] * 3 }, () => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      return state >>> 24;
    });
    const picture = { pixels, height: input[0], width: input[1] };
    const resized = resizePicture(picture, { height: output[0], width: output[1] }, antialiasedBicubic);
    expect(resized.length).toBe(planes.length);
    planes.forEach((value, i) => expect(Math.abs((resized[i] ?? NaN) - value)).toBeLessThan(1e-4));
  },
);

describe('preprocessForInception', () => {
  const white = { pixels: new Uint8Array(12).fill(255), height: 2, width: 2 };
  const black = { pixels: new Uint8Array(12), height: 2, width: 2 };

  it('normalises as each tool does', () => {
    const range = (convention: (typeof fidConventions)[number]) =>
      [black, white].map((picture) => preprocessForInception(picture, convention)[1000]);
    expect(range('pytorch-fid')).toEqual([-1, 1]);
    expect(range('clean-fid')).toEqual([-1, 127 / 128]);
    expect(range('torch-fidelity')).toEqual([-1, 127 / 128]);
    expect(preprocessForInception(white, 'clean-fid').length).toBe(3 * INCEPTION_SIZE * INCEPTION_SIZE);
  });

  it('cuts the overshoot of bicubic off', () => {
    const edge = { pixels: Uint8Array.of(0, 0, 0, 255, 255, 255), height: 1, width: 2 };
    const values = preprocessForInception(edge, 'clean-fid');
    expect(values.reduce((least, value) => Math.min(least, value), 0)).toBe(-1);
    expect(values.reduce((most, value) => Math.max(most, value), 0)).toBe(127 / 128);
  });

  it('refuses pictures without enough bytes', () => {
    expect(() => preprocessForInception({ ...white, height: 3 }, 'clean-fid')).toThrow(
      'a picture of 2×3 must have 18 bytes, got 12',
    );
    expect(() => resizePicture(white, { height: 0, width: 2 }, torchBilinear)).toThrow('positive integers, got 0');
  });
});
