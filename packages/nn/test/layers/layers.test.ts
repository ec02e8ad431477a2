import type { Program, Scope, Value } from '@lascaux/nn';
import { ops, parametersOf, sizeOf, trace } from '@lascaux/nn';
import {
  activation,
  attention,
  conv2d,
  downsample,
  feedForward,
  fromTokens,
  groupNorm,
  layerNorm,
  linear,
  multiHeadAttention,
  resnetBlock,
  rmsNorm,
  rotate,
  rotationOf,
  sinusoidalEmbedding,
  spatialTransformer,
  toTokens,
  upsample,
} from '@lascaux/nn/layers';
import { onnxEngine } from '@lascaux/nn/onnx';
import { describe, expect, it } from 'vitest';

interface Given {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const engine = onnxEngine({ device: 'cpu', threads: 1 });

/** Runs a layer on an input `x`, with the given weights; weights not given have their ones and zeros. */
async function run(
  x: Given,
  layer: (scope: Scope, x: Value) => Value,
  weights: Readonly<Record<string, readonly number[]>> = {},
) {
  const program: Program = trace({ x: { shape: x.shape } }, (scope, inputs) => ({ y: layer(scope, inputs.x) }));
  const executable = await engine.compile(program);
  const feeds = program.inputs.map(({ name, parameter, shape }) => {
    const size = sizeOf(shape);
    const first = parameter?.initializer.kind === 'ones' ? 1 : 0;
    const values = parameter === undefined ? x.values : (weights[name] ?? Array<number>(size).fill(first));
    return [name, engine.upload(Float32Array.from(values), shape as number[])] as const;
  });
  const { y } = await executable.run(Object.fromEntries(feeds));
  if (y === undefined) throw new Error('no output');
  const result = { shape: y.shape, values: [...((await y.read()) as Float32Array)] };
  await executable.dispose();
  return result;
}

/** The shape of a layer's result and the shapes of its parameters, without running it. */
function traced(shape: readonly (number | string)[], layer: (scope: Scope, x: Value) => Value) {
  let out: Value['shape'] = [];
  const program = trace({ x: { shape } }, (scope, { x }) => {
    const y = layer(scope, x);
    out = y.shape;
    return { y };
  });
  return { shape: out, parameters: Object.fromEntries(parametersOf(program).map((p) => [p.name, p.shape])) };
}

const close = (got: readonly number[], expected: readonly number[]): void => {
  expect(got).toHaveLength(expected.length);
  got.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 5));
};

describe('linear', () => {
  it('is x·Wᵀ + b over the last axis', async () => {
    const weights = { weight: [1, 2, 3, 4, 5, 6], bias: [10, 20] };
    const y = await run(
      { shape: [1, 2, 3], values: [1, 0, 0, 1, 1, 1] },
      (scope, x) => linear(scope, x, { out: 2 }),
      weights,
    );
    expect(y).toEqual({ shape: [1, 2, 2], values: [11, 24, 16, 35] });
  });

  it('keeps named axes and refuses a named last one', () => {
    expect(traced(['batch', 'tokens', 3], (scope, x) => linear(scope, x, { out: 5 })).shape).toEqual([
      'batch',
      'tokens',
      5,
    ]);
    expect(() => traced([2, 'width'], (scope, x) => linear(scope, x, { out: 5 }))).toThrow('known size');
  });
});

describe('conv2d', () => {
  it('correlates, with the torch layout of the filter', async () => {
    const weights = { weight: [1, 2, 3, 4], bias: [0.5] };
    const x = { shape: [1, 1, 2, 3], values: [1, 2, 3, 4, 5, 6] };
    const y = await run(x, (scope, v) => conv2d(scope, v, { out: 1, kernel: 2, padding: 0 }), weights);
    expect(y).toEqual({ shape: [1, 1, 1, 2], values: [1 + 4 + 12 + 20 + 0.5, 2 + 6 + 15 + 24 + 0.5] });
  });

  it('halves with padding below and on the right, doubles and crops', () => {
    const half = traced([1, 4, 6, 10], (scope, x) => downsample(scope, x, { padding: 0 }));
    expect(half).toEqual({ shape: [1, 4, 3, 5], parameters: { 'conv.weight': [4, 4, 3, 3], 'conv.bias': [4] } });
    expect(traced(['n', 4, 'h', 'w'], (scope, x) => upsample(scope, x)).shape).toEqual(['n', 4, 'h*2', 'w*2']);
    expect(
      traced([1, 4, 3, 3], (scope, x) =>
        upsample(scope, x, { like: ops.slice(ops.upsampleNearest(x, 2), { axis: 2, begin: 0, end: 5 }) }),
      ).shape,
    ).toEqual([1, 4, 5, 6]);
  });
});

describe('norms', () => {
  it('groupNorm has mean 0 and variance 1 within a group, then scales channels', async () => {
    const x = { shape: [1, 2, 1, 2], values: [1, 3, 10, 30] };
    const y = await run(x, (scope, v) => groupNorm(scope, v, { groups: 2, epsilon: 0 }), {
      weight: [1, 2],
      bias: [0, 5],
    });
    close(y.values, [-1, 1, 3, 7]);
    const one = await run({ ...x, values: [1, 1, 3, 3] }, (scope, v) => groupNorm(scope, v, { groups: 1, epsilon: 0 }));
    close(one.values, [-1, -1, 1, 1]);
  });

  it('layerNorm and rmsNorm work on the last axis', async () => {
    const x = { shape: [1, 2], values: [3, 4] };
    close((await run(x, (scope, v) => layerNorm(scope, v, { epsilon: 0 }))).values, [-1, 1]);
    const root = Math.sqrt(12.5);
    close((await run(x, (scope, v) => rmsNorm(scope, v, { epsilon: 0 }))).values, [3 / root, 4 / root]);
  });

  it('groups must divide the channels', () => {
    expect(() => traced([1, 6, 2, 2], (scope, x) => groupNorm(scope, x, { groups: 4 }))).toThrow(
      '4 groups must divide the channels, got 6',
    );
  });
});

describe('attention', () => {
  it('averages the values when all scores are equal, and leaves masked keys out', async () => {
    const x = { shape: [1, 2, 2], values: [1, 2, 3, 6] };
    const same = (mask?: (v: Value) => Value) => (_: Scope, v: Value) =>
      multiHeadAttention({ query: v, key: v, value: v, heads: 2, scale: 0, mask: mask?.(v) });
    close((await run(x, same())).values, [2, 4, 2, 4]);
  });

  it('with one head and two keys is a sigmoid of the difference of the scores', async () => {
    const x = { shape: [1, 2, 1], values: [1, 3] };
    const y = await run(x, (_, v) => multiHeadAttention({ query: v, key: v, value: v, heads: 1 }));
    // scores of query q: q·1 and q·3; weight of the second: σ(2q)
    const mixed = (q: number): number => 1 + 2 / (1 + Math.exp(-2 * q));
    close(y.values, [mixed(1), mixed(3)]);
  });

  it('has the names of diffusers, a bias only at the output by default', () => {
    const { parameters } = traced([1, 2, 4], (scope, x) => attention(scope, x, { heads: 2 }));
    const square = [4, 4];
    expect(parameters).toEqual({
      'to_q.weight': square,
      'to_k.weight': square,
      'to_v.weight': square,
      'to_out.0.weight': square,
      'to_out.0.bias': [4],
    });
  });

  it('heads must divide the width', () => {
    expect(() => traced([1, 2, 5], (scope, x) => attention(scope, x, { heads: 2 }))).toThrow(
      '2 heads must divide the width',
    );
  });
});

describe('sinusoidalEmbedding', () => {
  it('is [sin, cos] of t over growing periods, or [cos, sin]', async () => {
    const x = { shape: [1], values: [2] };
    const slow = 2 / 100;
    const plain = await run(x, (_, t) => sinusoidalEmbedding(t, { width: 4, frequencyShift: 0 }));
    close(plain.values, [Math.sin(2), Math.sin(slow), Math.cos(2), Math.cos(slow)]);
    const flipped = await run(x, (_, t) => sinusoidalEmbedding(t, { width: 5, flipSinToCos: true, frequencyShift: 1 }));
    close(flipped.values, [Math.cos(2), Math.cos(2e-4), Math.sin(2), Math.sin(2e-4), 0]);
  });
});

describe('blocks', () => {
  it('start as their shortcut where the last layer starts at zero', async () => {
    const values = Array.from({ length: 16 }, (_, i) => Math.sin(i));
    const x = { shape: [1, 4, 2, 2], values };
    const block = await run(x, (scope, v) =>
      resnetBlock(scope, v, { out: 4, groups: 2, epsilon: 1e-6, activation: 'silu' }),
    );
    close(block.values, values);
  });

  it('spatialTransformer keeps named axes and has 1×1 convolutions or linear layers around its blocks', () => {
    const at = (linearProjection: boolean) =>
      traced(['batch', 4, 'height', 'width'], (scope, x) =>
        spatialTransformer(scope, x, { heads: 2, layers: 1, context: toTokens(x), groups: 2, linearProjection }),
      );
    expect(at(true).shape).toEqual(['batch', 4, 'height', 'width']);
    expect(at(true).parameters['proj_in.weight']).toEqual([4, 4]);
    expect(at(false).parameters['proj_in.weight']).toEqual([4, 4, 1, 1]);
  });

  it('feedForward gates half by the gelu of the other half', async () => {
    const weights = { 'net.0.proj.weight': [2, 0], 'net.0.proj.bias': [0, 1], 'net.2.weight': [1] };
    const x = { shape: [1, 1], values: [3] };
    const y = await run(x, (scope, v) => feedForward(scope, v, { kind: 'geglu', factor: 1 }), weights);
    close(y.values, [6 * 0.8413447460685429]); // 2x · gelu(1), gelu(1) = Φ(1)
  });

  it('toTokens and fromTokens undo each other', async () => {
    const values = Array.from({ length: 12 }, (_, i) => i);
    const tokens = await run({ shape: [1, 2, 2, 3], values }, (_, x) => toTokens(x));
    expect(tokens).toEqual({ shape: [1, 6, 2], values: [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11] });
    const back = await run({ shape: [1, 2, 2, 3], values }, (_, x) => fromTokens(toTokens(x), x.shape));
    expect(back.values).toEqual(values);
  });
});

describe('activation', () => {
  it.each([
    ['relu', 0, 2],
    ['silu', -1 / (1 + Math.E), 2 / (1 + Math.exp(-2))],
    ['gelu', -0.15865525393145707, 1.9544997361036416],
    ['gelu_new', -0.15880800939172324, 1.954597694087775],
    ['quick_gelu', -1 / (1 + Math.exp(1.702)), 2 / (1 + Math.exp(-3.404))],
  ] as const)('%s(−1) and (2)', async (name, low, high) => {
    close((await run({ shape: [2], values: [-1, 2] }, (_, x) => activation(name, x))).values, [low, high]);
  });
});

describe('rotary embedding', () => {
  const turned = (places: readonly number[], widths: readonly number[], heads: readonly number[]) =>
    run({ shape: [1, 1, 1, heads.length], values: heads }, (_, x) =>
      rotate(x, rotationOf(ops.constant(x, places, { shape: [1, places.length] }), { widths })),
    );

  it('turns pair i of coordinate a by place · 10000^(−2i / width)', async () => {
    const { values } = await turned([0, 3], [2, 4], [1, 2, 1, 0, 0, 1]);
    const angles = [3, 3 / 100];
    const expected = [1, 2, Math.cos(angles[0]!), Math.sin(angles[0]!), -Math.sin(angles[1]!), Math.cos(angles[1]!)];
    expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
  });

  it('makes products of heads depend on the difference of places only', async () => {
    const product = async (one: number, other: number): Promise<number> => {
      const [q, k] = await Promise.all([turned([one], [4], [1, 2, 3, 4]), turned([other], [4], [2, -1, 0.5, 1])]);
      return q.values.reduce((sum, value, i) => sum + value * (k.values[i] as number), 0);
    };
    expect(await product(9, 5)).toBeCloseTo(await product(4, 0), 5);
  });

  it('refuses odd widths and heads of another width', async () => {
    await expect(turned([1, 2], [1, 3], [1, 2, 3, 4])).rejects.toThrow('needs 2 even widths, got "[1, 3]"');
    await expect(turned([1], [2], [1, 2, 3, 4])).rejects.toThrow('a head must have 2 channels, got 4');
  });
});
