import type { Program, Value } from '@lascaux/nn';
import { ProgramBuilder, gradients, ops, parametersOf, trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { describe, expect, it } from 'vitest';

/** A program as text, one call on a line. */
function textOf({ inputs, operations, outputs, types }: Program): string {
  const typeOf = (id: number): string => {
    const { shape, dtype } = types.get(id)!;
    return `${dtype === 'float32' ? '' : dtype}[${shape.join(', ')}]`;
  };
  const declared = inputs.map(({ id, name }) => `%${id}: ${typeOf(id)} = input ${name}`);
  const calls = operations.map(({ primitive, inputs: operands, attributes, output }) => {
    const facts = Object.entries(attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    return `%${output}: ${typeOf(output)} = ${[primitive, ...operands.map((id) => `%${id}`), ...facts].join(' ')}`;
  });
  return [...declared, ...calls, ...outputs.map(({ name, id }) => `return ${name} = %${id}`)].join('\n');
}

async function valuesOf(
  program: Program,
  inputs: Readonly<Record<string, readonly number[]>>,
): Promise<Record<string, readonly number[]>> {
  const engine = onnxEngine({ threads: 1 });
  const executable = await engine.compile(program);
  const feeds = program.inputs.map(
    ({ name, shape }) => [name, engine.upload(Float32Array.from(inputs[name]!), shape as readonly number[])] as const,
  );
  const outputs = await executable.run(Object.fromEntries(feeds));
  const read = await Promise.all(
    Object.entries(outputs).map(async ([name, t]) => [name, [...((await t.read()) as Float32Array)]] as const),
  );
  await executable.dispose();
  return Object.fromEntries(read);
}

describe('tracing', () => {
  it('records a linear layer, its loss and its gradients', () => {
    const builder = new ProgramBuilder();
    const x = builder.input('x', { shape: [2, 3] });
    const w = builder.input('w', { shape: [3, 1] });
    const loss = ops.sum(ops.square(ops.matmul(x, w)));
    const [slope] = gradients(loss, [w]);
    expect(textOf(builder.finish({ loss, slope: slope! }))).toMatchInlineSnapshot(`
      "%0: [2, 3] = input x
      %1: [3, 1] = input w
      %2: [2, 1] = matmul %0 %1
      %3: [2, 1] = mul %2 %2
      %4: [1, 1] = sum %3 axes=[0,1]
      %5: [] = constant values=[1] shape=[] dtype="float32"
      %6: [1, 1] = broadcast %5 shape=[1,1]
      %8: [2, 1] = mul %6 %2
      %9: [2, 1] = add %8 %8
      %12: [3, 2] = transpose %0 permutation=[1,0]
      %13: [3, 1] = matmul %12 %9
      return loss = %4
      return slope = %13"
    `);
  });

  it('keeps named axes through shapes', () => {
    const program = trace({ x: { shape: ['batch', 4, 'height', 'width'] } }, (_, { x }) => ({
      y: ops.conv2d(ops.upsampleNearest(x, 2), ops.constant(x, [1, 1, 1, 1], { shape: [1, 4, 1, 1] }), {
        stride: 1,
        padding: [0, 0, 0, 0],
      }),
    }));
    expect(textOf(program)).toMatchInlineSnapshot(`
      "%0: [batch, 4, height, width] = input x
      %1: [batch, 4, height*2, width*2] = upsampleNearest %0 factor=2
      %2: [1, 4, 1, 1] = constant values=[1,1,1,1] shape=[1,4,1,1] dtype="float32"
      %3: [batch, 1, height*2, width*2] = conv2d %1 %2 stride=1 padding=[0,0,0,0]
      return y = %3"
    `);
  });

  it('records equal calls once and leaves out what no output needs', () => {
    const program = trace({ x: { shape: [3] } }, (_, { x }) => {
      ops.exp(x);
      return { y: ops.add(ops.sin(x), ops.sin(x)) };
    });
    expect(program.operations.map(({ primitive }) => primitive)).toEqual(['sin', 'add']);
  });

  it('joins reshapes and transposes that follow each other', () => {
    const program = trace({ x: { shape: [2, 3, 4] } }, (_, { x }) => ({
      shape: ops.reshape(ops.reshape(x, [6, 4]), [2, -1]),
      order: ops.transpose(ops.transpose(x, [2, 0, 1]), [1, 2, 0]),
    }));
    expect(program.operations.map(({ primitive }) => primitive)).toEqual(['reshape']);
    expect(program.outputs.at(1)?.id).toBe(program.inputs[0]!.id);
  });

  it('names parameters by their path and gives the same one twice', () => {
    const zeros = { kind: 'zeros' } as const;
    const program = trace({ x: { shape: [2] } }, (scope, { x }) => {
      const layer = scope.at('blocks', 0).at('norm');
      const weight = layer.parameter('weight', [2], zeros);
      expect(layer.parameter('weight', [2], zeros)).toBe(weight);
      expect(() => layer.parameter('weight', [3], zeros)).toThrow('parameter blocks.0.norm.weight: has shape [2]');
      return { y: ops.mul(x, weight) };
    });
    expect(parametersOf(program)).toEqual([{ name: 'blocks.0.norm.weight', shape: [2], initializer: zeros }]);
  });
});

it('concat adds named axes up', () => {
  const types = { a: { shape: ['n', 't', 2] }, b: { shape: ['n', 's', 2] }, c: { shape: ['n', 3, 2] } } as const;
  let shape: Value['shape'] = [];
  trace(types, (_, { a, b, c }) => {
    const y = ops.concat([a, c, b], 1);
    shape = y.shape;
    return { y };
  });
  expect(shape).toEqual(['n', '(t+s+3)', 2]);
});

describe('a broken rule is named with the shapes', () => {
  const shapes = {
    a: { shape: [2, 3] },
    b: { shape: [2, 4] },
    i: { shape: [2], dtype: 'int64' },
    m: { shape: [1, 3, 4, 4] },
  } as const;

  it.each<[string, (values: Record<keyof typeof shapes, Value>) => Value]>([
    ['add: shapes must broadcast, got "[2, 3] and [2, 4]"', ({ a, b }) => ops.add(a, b)],
    ['add: both operands must have one dtype, got "float32 and int64"', ({ a, i }) => ops.add(a, i)],
    ['matmul: the inner sizes must agree, got "[2, 3] · [2, 4]"', ({ a, b }) => ops.matmul(a, b)],
    ['reshape: the number of elements must stay, got "[2, 3] → [4, 2]"', ({ a }) => ops.reshape(a, [4, 2])],
    ['transpose: the permutation must list 2 axes once each', ({ a }) => ops.transpose(a, [0, 0])],
    ['concat: shapes must agree outside axis 0', ({ a, b }) => ops.concat([a, b], 0)],
    ['slice: [begin, end) must lie within axis 1 of size 3', ({ a }) => ops.slice(a, { axis: 1, begin: 1, end: 4 })],
    ['sum: axis must lie within rank 2, got 2', ({ a }) => ops.sum(a, [2])],
    ['gather: indices must be integers, got "float32"', ({ a, b }) => ops.gather(a, b)],
    [
      'conv2d: the filter must take 3 channels',
      ({ m }) =>
        ops.conv2d(m, m, { stride: 1, padding: [0, 0, 0, 0] }) &&
        ops.conv2d(m, ops.reshape(m, [1, 6, 2, 4]), { stride: 1, padding: [0, 0, 0, 0] }),
    ],
    ['upsampleNearest: a feature map has 4 axes', ({ a }) => ops.upsampleNearest(a, 2)],
    ['sumPool: height and width must be known multiples of 3', ({ m }) => ops.sumPool(m, 3)],
    ['constant: needs 2 values, got 1', ({ a }) => ops.constant(a, [1], { shape: [2] })],
    ['gradients: the loss must have one element', ({ a }) => gradients(a, [a])[0]!],
  ])('%s', (line, body) => {
    expect(() => trace(shapes, (_, values) => ({ y: body(values) }))).toThrow(line);
  });

  it('and operands of two programs do not mix', () => {
    const [one, two] = [new ProgramBuilder(), new ProgramBuilder()];
    expect(() => ops.add(one.input('x', { shape: [1] }), two.input('x', { shape: [1] }))).toThrow(
      'belong to one program',
    );
    expect(() => one.input('x', { shape: [1] })).toThrow('every input needs a name of its own, got "x"');
  });
});

describe('gradients of gradients', () => {
  /** f and its first three derivatives at x, each the gradient of the one before. */
  async function derivatives(body: (x: Value) => Value, at: number): Promise<number[]> {
    const builder = new ProgramBuilder();
    const x = builder.input('x', { shape: [1] });
    const all = [body(x)];
    for (let order = 0; order < 3; order++) all.push(gradients(all.at(-1)!, [x])[0]!);
    const program = builder.finish(Object.fromEntries(all.map((value, i) => [`f${i}`, value])));
    return Object.values(await valuesOf(program, { x: [at] })).flat();
  }

  const sigma = 1 / (1 + Math.exp(-0.5));
  const slope = sigma * (1 - sigma);
  it.each<[string, (x: Value) => Value, number[]]>([
    ['x³', (x) => ops.mul(x, ops.square(x)), [0.125, 0.75, 3, 6]],
    ['sin', ops.sin, [Math.sin(0.5), Math.cos(0.5), -Math.sin(0.5), -Math.cos(0.5)]],
    ['exp', ops.exp, [1, 1, 1, 1].map((one) => one * Math.exp(0.5))],
    ['log', ops.log, [Math.log(0.5), 2, -4, 16]],
    ['1/x', (x) => ops.div(1, x), [2, -4, 16, -96]],
    ['√', ops.sqrt, [0.5 ** 0.5, 0.5 * 0.5 ** -0.5, -0.25 * 0.5 ** -1.5, 0.375 * 0.5 ** -2.5]],
    ['σ', ops.sigmoid, [sigma, slope, slope * (1 - 2 * sigma), slope * (1 - 6 * slope)]],
  ])('%s, up to the third', async (_, body, expected) => {
    (await derivatives(body, 0.5)).forEach((value, i) => {
      expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-5);
    });
  });

  it('give the Hessian of a quadratic form through a convolution', async () => {
    // f(w) = ½ Σ (w ⋆ x)²: its Hessian times v is the filter gradient of v ⋆ x at x.
    const builder = new ProgramBuilder();
    const geometry = { stride: 1, padding: [1, 1, 1, 1] } as const;
    const x = builder.input('x', { shape: [1, 1, 3, 3] });
    const [w, v] = [builder.input('w', { shape: [1, 1, 3, 3] }), builder.input('v', { shape: [1, 1, 3, 3] })];
    const loss = ops.mul(ops.sum(ops.square(ops.conv2d(x, w, geometry))), 0.5);
    const [slopes] = gradients(loss, [w]);
    const [product] = gradients(ops.sum(ops.mul(slopes!, v)), [w]);
    const expected = ops.conv2dFilterGradient(x, ops.conv2d(x, v, geometry), {
      ...geometry,
      filterShape: [1, 1, 3, 3],
    });
    const numbers = (seed: number): number[] => Array.from({ length: 9 }, (_, i) => Math.sin(seed + 2 * i));
    const found = await valuesOf(builder.finish({ product: product!, expected }), {
      x: numbers(1),
      v: numbers(2),
      w: numbers(3),
    });
    found.product!.forEach((value, i) => {
      expect(value).toBeCloseTo(found.expected![i]!, 5);
    });
  });

  it('are zero where nothing depends on the value', async () => {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input('x', { shape: [2] }), builder.input('y', { shape: [2] })];
    const [slope] = gradients(ops.sum(ops.add(ops.square(x), ops.stopGradient(y))), [y]);
    expect(await valuesOf(builder.finish({ slope: slope!, same: x }), { x: [1, 2], y: [3, 4] })).toMatchObject({
      slope: [0, 0],
    });
  });
});
