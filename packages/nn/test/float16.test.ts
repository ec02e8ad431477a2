import { float16Bits, float16Value, fromBfloat16, fromFloat16, toFloat16 } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';

const NEGATIVE = 0x8000;
const INFINITE = 0x7c00;

describe('half precision', () => {
  it('gives every one of the 65,536 patterns back', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = float16Value(bits);
      const isNaN = (bits & 0x7fff) > INFINITE;
      const back = float16Bits(value);
      if (isNaN ? !Number.isNaN(value) || (back & 0x7fff) <= INFINITE : back !== bits) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    [0, 0],
    [-0, NEGATIVE],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.333251953125, 0x3555],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [Infinity, INFINITE],
    [-Infinity, NEGATIVE | INFINITE],
  ])('%d is stored as the bits %i', (value, bits) => {
    expect(float16Bits(value)).toBe(bits);
    expect(float16Value(bits)).toBe(value);
  });

  it('rounds what lies between two neighbours to the nearer one, and halfway to the even one', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [float16Value(bits), float16Value(bits + 1)];
      const middle = (low + high) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      const quarter = (high - low) / 4;
      const fits =
        float16Bits(middle) === even &&
        float16Bits(low + quarter) === bits &&
        float16Bits(high - quarter) === bits + 1 &&
        float16Bits(-middle) === (NEGATIVE | even);
      if (!fits) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it('becomes an infinity from halfway to the next power of two on', () => {
    expect(float16Bits(65519.99)).toBe(0x7bff);
    expect(float16Bits(65520)).toBe(INFINITE);
    expect(float16Bits(-1e9)).toBe(NEGATIVE | INFINITE);
  });

  it('becomes zero below half of the smallest number', () => {
    expect(float16Bits(2 ** -25)).toBe(0);
    expect(float16Bits(2 ** -25 * 1.001)).toBe(1);
    expect(float16Bits(-(2 ** -26))).toBe(NEGATIVE);
  });

  it('converts whole arrays', () => {
    const values = Float32Array.of(0.5, -3, 1e-7, 70000);
    expect([...fromFloat16(toFloat16(values))]).toEqual([0.5, -3, 2 * 2 ** -24, Infinity]);
  });
});

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    expect([...fromBfloat16(Uint16Array.of(0x3f80, 0xc000, 0x0000, 0x7f80, 0x4049))]).toEqual([
      1,
      -2,
      0,
      Infinity,
      3.140625,
    ]);
  });
});
