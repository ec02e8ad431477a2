import type { Tensor } from '@tensorflow/tfjs-core';
import type { DeviceTensor } from '../engine.js';
import type { TensorData } from '../tensor-data.js';
import { LascauxError, check } from '../errors.js';
import { fromFloat16, toFloat16 } from '../float16.js';
import type { DType } from '../program/shape.js';
import type { Tfjs } from './backends.js';

/** How tfjs stores each dtype: it has neither half precision nor 64-bit integers. */
export const storedAs: Readonly<Record<DType, 'float32' | 'int32'>> = {
  float32: 'float32',
  float16: 'float32',
  int32: 'int32',
  int64: 'int32',
};

/** A tensor of tfjs under the dtype that the program knows. */
export class TfjsTensor implements DeviceTensor {
  constructor(
    readonly tensor: Tensor,
    readonly dtype: DType,
  ) {}

  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  async read(): Promise<TensorData> {
    const data = (await this.tensor.data()) as Float32Array | Int32Array;
    if (this.dtype === 'float16') return toFloat16(data as Float32Array);
    return this.dtype === 'int64' ? BigInt64Array.from(data, BigInt) : data;
  }

  dispose(): void {
    // A disposed tensor must not be disposed again: tfjs would count it twice.
    if (!this.tensor.isDisposed) this.tensor.dispose();
  }
}

const LIMIT = 2n ** 31n;

function narrowed(value: bigint): number {
  check(value < LIMIT && value >= -LIMIT, { operation: 'upload', rule: 'tfjs holds integers of 32 bits', value });
  return Number(value);
}

/** Puts elements into a tensor of tfjs. @throws {LascauxError} for an integer beyond 32 bits */
export function toTensor(tf: Tfjs, data: TensorData, shape: readonly number[]): TfjsTensor {
  const sizes = [...shape];
  if (data instanceof Float32Array) return new TfjsTensor(tf.tensor(data, sizes, 'float32'), 'float32');
  if (data instanceof Int32Array) return new TfjsTensor(tf.tensor(data, sizes, 'int32'), 'int32');
  if (data instanceof Uint16Array) return new TfjsTensor(tf.tensor(fromFloat16(data), sizes, 'float32'), 'float16');
  return new TfjsTensor(tf.tensor(Int32Array.from(data, narrowed), sizes, 'int32'), 'int64');
}

/** The tensor of tfjs behind an input. @throws {LascauxError} when it is missing, of another engine, or has another shape */
export function tensorOf(name: string, tensor: DeviceTensor | undefined, shape: readonly number[]): Tensor {
  if (tensor === undefined) throw new LascauxError({ operation: 'run', rule: 'an input is missing', value: name });
  if (!(tensor instanceof TfjsTensor))
    throw new LascauxError({ operation: 'run', rule: 'the tensor belongs to another engine', value: name });
  const fits = tensor.shape.length === shape.length && tensor.shape.every((size, i) => size === shape[i]);
  check(fits, () => ({
    operation: `run: input ${name}`,
    rule: `must have shape [${shape.join(', ')}]`,
    value: `[${tensor.shape.join(', ')}]`,
  }));
  return tensor.tensor;
}
