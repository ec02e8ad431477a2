import * as tf from '@tensorflow/tfjs-core';
import type { DeviceTensors, Engine } from '@lascaux/nn';
import { ProgramBuilder, float16Bits, float16Value, gradients, ops, toFloat16, trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { tfjsEngine } from '@lascaux/nn/tfjs';
import type { TfjsBackend } from '@lascaux/nn/tfjs';
import { describe, expect, it } from 'vitest';

/** A step of gradient descent through a convolution and a matrix, with a literal and a value that is used late again. */
function descent(): ReturnType<ProgramBuilder['finish']> {
  const builder = new ProgramBuilder();
  const x = builder.input('x', { shape: [2, 3, 4, 4] });
  const filter = builder.input('filter', { shape: [4, 3, 3, 3] });
  const map = ops.silu(ops.conv2d(x, filter, { stride: 1, padding: [1, 1, 1, 1] }));
  const scaled = ops.mul(map, ops.constant(x, [1, 2, 3, 4], { shape: [4, 1, 1] }));
  const loss = ops.mean(ops.square(ops.add(ops.softmax(ops.reshape(scaled, [2, 64])), ops.reshape(map, [2, 64]))));
  const [slope] = gradients(loss, [filter]);
  return builder.finish({ next: ops.sub(filter, ops.mul(slope!, 0.1)), loss: ops.reshape(loss, []), map });
}

const dispose = (...all: readonly DeviceTensors[]): void => {
  for (const tensors of all) for (const tensor of Object.values(tensors)) tensor.dispose();
};

describe.each(['cpu', 'wasm'] as const)('tfjs on %s', (backend) => {
  it('holds as many tensors after a hundred runs as before', async () => {
    const engine = await tfjsEngine({ backend });
    const before = tf.memory().numTensors;
    const executable = await engine.compile(descent());
    const x = engine.upload(new Float32Array(96).fill(0.5), [2, 3, 4, 4]);
    let state: DeviceTensors = { next: engine.upload(new Float32Array(108).fill(0.1), [4, 3, 3, 3]) };
    let spare: DeviceTensors | undefined;
    let after = NaN;
    for (let run = 0; run < 100; run++) {
      const { next, loss, map } = await executable.run({ x, filter: state.next! }, spare);
      dispose({ loss: loss!, map: map! });
      [spare, state] = [state, { next: next! }];
      if (run === 1) after = tf.memory().numTensors;
    }
    expect(tf.memory().numTensors).toBe(after);
    dispose({ x }, state, spare ?? {});
    await executable.dispose();
    await executable.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('frees everything when a run fails', async () => {
    const engine = await tfjsEngine({ backend });
    const executable = await engine.compile(descent());
    const x = engine.upload(new Float32Array(96), [2, 3, 4, 4]);
    const before = tf.memory().numTensors;
    await expect(executable.run({ x })).rejects.toThrow('run: an input is missing, got "filter"');
    expect(tf.memory().numTensors).toBe(before);
    dispose({ x });
    await executable.dispose();
  });

  it('hands on inputs, literals and one value under two names', async () => {
    const engine = await tfjsEngine({ backend });
    const program = trace({ x: { shape: [2] } }, (_, { x }) => {
      const twice = ops.add(x, x);
      return { same: x, literal: ops.constant(x, [7, 8], { shape: [2] }), a: twice, b: twice };
    });
    const executable = await engine.compile(program);
    const x = engine.upload(Float32Array.of(1, 2), [2]);
    for (let run = 0; run < 2; run++) {
      const outputs = await executable.run({ x });
      expect(outputs.same).not.toBe(x);
      const read = await Promise.all(
        ['same', 'literal', 'a', 'b'].map(async (name) => [...(await outputs[name]!.read())]),
      );
      expect(read).toEqual([
        [1, 2],
        [7, 8],
        [2, 4],
        [2, 4],
      ]);
      outputs.a!.dispose();
      expect([...(await outputs.b!.read())]).toEqual([2, 4]);
      dispose(outputs);
    }
    dispose({ x });
    await executable.dispose();
  });

  it('keeps the dtypes of the program: whole numbers of 64 bits, half precision', async () => {
    const engine = await tfjsEngine({ backend });
    const types = { half: { shape: [2], dtype: 'float16' }, index: { shape: [3], dtype: 'int64' } } as const;
    const executable = await engine.compile(
      trace(types, (_, { half, index }) => ({
        wide: ops.cast(half, 'float32'),
        half: ops.cast(ops.mul(ops.cast(half, 'float32'), 1 + 2 ** -12), 'float16'),
        top: ops.argmax(ops.cast(index, 'float32')),
      })),
    );
    const inputs = {
      half: engine.upload(toFloat16(Float32Array.of(0.5, -3)), [2]),
      index: engine.upload(BigInt64Array.of(4n, 9n, 9n), [3]),
    };
    const outputs = await executable.run(inputs);
    expect(await outputs.wide!.read()).toEqual(Float32Array.of(0.5, -3));
    expect([outputs.half!.dtype, outputs.top!.dtype]).toEqual(['float16', 'int64']);
    expect(await outputs.half!.read()).toEqual(toFloat16(Float32Array.of(0.5, -3)));
    expect(await outputs.top!.read()).toEqual(BigInt64Array.of(1n));
    expect(await inputs.index.read()).toEqual(BigInt64Array.of(4n, 9n, 9n));
    dispose(inputs, outputs);
    await executable.dispose();
  });

  it('rounds to half precision as IEEE 754 says', async () => {
    const engine = await tfjsEngine({ backend });
    const values: number[] = [];
    // Every pattern and both quarters to its neighbour; ties are left out: the splitting does not promise the even one.
    for (let bits = 0; bits < 0x7bff; bits += 7) {
      const [low, high] = [float16Value(bits), float16Value(bits + 1)];
      values.push(low, -low, low + (high - low) / 4, high - (high - low) / 4);
    }
    values.push(65504, 65519, 65521, 1e30, -1e30, 2 ** -25 * 1.01, 2 ** -26);
    const executable = await engine.compile(
      trace({ x: { shape: [values.length] } }, (_, { x }) => ({ y: ops.cast(ops.cast(x, 'float16'), 'float32') })),
    );
    const x = engine.upload(Float32Array.from(values), [values.length]);
    const outputs = await executable.run({ x });
    const found = await outputs.y!.read();
    const wrong = values.filter((value, i) => float16Value(float16Bits(Math.fround(value))) !== Number(found[i]));
    expect(wrong).toEqual([]);
    dispose({ x }, outputs);
    await executable.dispose();
  });
});

describe('the tfjs engine', () => {
  const withEngine = (): Promise<Engine> => tfjsEngine({ backend: 'wasm' });
  const double = trace({ x: { shape: [2] } }, (_, { x }) => ({ y: ops.mul(x, 2) }));

  it('runs on two backends in turn', async () => {
    const engines = [await tfjsEngine({ backend: 'cpu' }), await tfjsEngine({ backend: 'wasm' })];
    const executables = await Promise.all(engines.map((engine) => engine.compile(double)));
    for (let round = 0; round < 2; round++) {
      for (const [i, engine] of engines.entries()) {
        const inputs = { x: engine.upload(Float32Array.of(1, i), [2]) };
        const outputs = await executables[i]!.run(inputs);
        expect(tf.getBackend()).toBe(engine.device);
        expect(await outputs.y!.read()).toEqual(Float32Array.of(2, 2 * i));
        dispose(inputs, outputs);
      }
    }
    for (const executable of executables) await executable.dispose();
  });

  it('leaves the process as it was: no listeners of its own, nothing on the console', async () => {
    const before = process.listenerCount('unhandledRejection');
    await withEngine();
    expect(process.listenerCount('unhandledRejection')).toBe(before);
  });

  it('names what it does not take', async () => {
    const engine = await withEngine();
    const executable = await engine.compile(double);
    const foreign = onnxEngine().upload(Float32Array.of(1, 2), [2]);
    await expect(executable.run({ x: foreign })).rejects.toThrow('run: the tensor belongs to another engine, got "x"');
    const long = engine.upload(new Float32Array(3), [3]);
    await expect(executable.run({ x: long })).rejects.toThrow('run: input x: must have shape [2], got "[3]"');
    expect(() => engine.upload(new Float32Array(3), [2])).toThrow('upload: [2] needs 2 elements, got 3');
    expect(() => engine.upload(BigInt64Array.of(2n ** 31n), [1])).toThrow('upload: tfjs holds integers of 32 bits');
    await expect(engine.compile(trace({ x: { shape: ['n'] } }, (_, { x }) => ({ y: ops.mul(x, 2) })))).rejects.toThrow(
      'every axis must have a known size',
    );
    dispose({ long });
    await executable.dispose();
  });

  it('names the packages that bring a backend, and the backends there are', async () => {
    await expect(tfjsEngine({ backend: 'webgpu' })).rejects.toThrow('npm i @tensorflow/tfjs-core');
    await expect(tfjsEngine({ backend: 'metal' as TfjsBackend })).rejects.toThrow(
      'device: tfjs has no such backend, got "metal" (accepted: tensorflow, webgpu, wasm, cpu)',
    );
  });
});
