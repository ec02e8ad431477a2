import { ops, trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { describeThroughput, flopsOf, lossCurve, measureLimit } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

const geometry = { stride: 2, padding: [1, 1, 1, 1] } as const;

describe('flopsOf', () => {
  it('counts products over the inner axis', () => {
    const program = trace({ a: { shape: [3, 4, 5] }, b: { shape: [5, 6] } }, (_, { a, b }) => ({
      c: ops.matmul(a, b),
    }));
    expect(flopsOf(program)).toBe(2 * 3 * 4 * 6 * 5);
  });

  it('counts a convolution and each of its gradients alike', () => {
    const x = { shape: [2, 3, 8, 8] };
    const filter = { shape: [5, 3, 3, 3] };
    const y = { shape: [2, 5, 4, 4] };
    const expected = 2 * (2 * 5 * 4 * 4) * (3 * 3 * 3);
    expect(flopsOf(trace({ x, filter }, (_, v) => ({ y: ops.conv2d(v.x, v.filter, geometry) })))).toBe(expected);
    expect(
      flopsOf(
        trace({ y, filter }, (_, v) => ({
          x: ops.conv2dInputGradient(v.y, v.filter, { ...geometry, inputShape: x.shape }),
        })),
      ),
    ).toBe(expected);
    expect(
      flopsOf(
        trace({ x, y }, (_, v) => ({
          f: ops.conv2dFilterGradient(v.x, v.y, { ...geometry, filterShape: filter.shape }),
        })),
      ),
    ).toBe(expected);
  });
});

describe('measureLimit', () => {
  it('finds a rate that a machine can have', async () => {
    const limit = await measureLimit(onnxEngine({ threads: 1 }), { size: 128, products: 2, runs: 2 });
    expect(limit).toBeGreaterThan(1e7);
    expect(limit).toBeLessThan(1e15);
  });

  it('is told in one line', () => {
    expect(describeThroughput(98.2e9, 121e9)).toBe('98.2 GFLOP/s = 81 % of the limit of 121.0 GFLOP/s');
    expect(describeThroughput(98.2e9)).toBe('98.2 GFLOP/s');
  });
});

describe('lossCurve', () => {
  it('draws from the left edge of the first point to the right edge of the last', () => {
    const picture = lossCurve([
      { imagesSeen: 0, loss: 1 },
      { imagesSeen: 50, loss: NaN },
      { imagesSeen: 100, loss: 0.01 },
    ]);
    // The highest loss lies at the top (20), the lowest at the bottom (350).
    expect(picture).toContain('d="M70.0 20.0L780.0 350.0"');
    expect(picture.startsWith('<svg xmlns')).toBe(true);
  });

  it('stays a picture without points', () => expect(lossCurve([])).toContain('</svg>'));

  it('keeps a long run small', () => {
    const points = Array.from({ length: 100_000 }, (_, i) => ({ imagesSeen: i, loss: Math.cos(i) }));
    expect(lossCurve(points).length).toBeLessThan(40_000);
  });
});
