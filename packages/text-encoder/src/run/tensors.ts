import { Tensor } from 'onnxruntime-common';
import { LascauxError, fromFloat16 } from '@lascaux/nn';

/**
 * The values of an output as 32-bit floats.
 * @throws {LascauxError} when they are not float32 or float16
 */
export function floatsOf({ data, type }: Tensor, name: string): Float32Array {
  if (data instanceof Float32Array) return data;
  // Half precision arrives as Uint16Array, or as Float16Array where the language has one.
  if (type === 'float16') {
    return data instanceof Uint16Array ? fromFloat16(data) : Float32Array.from(data as ArrayLike<number>);
  }
  throw new LascauxError({
    operation: `text encoder output ${name}`,
    rule: 'must be floating point',
    value: type,
    accepted: ['float32', 'float16'],
  });
}

/** Whole numbers [1, N] in the dtype that a session declares. */
export function integerTensor(values: readonly number[], type: 'int32' | 'int64'): Tensor {
  const dims = [1, values.length];
  return type === 'int64'
    ? new Tensor('int64', BigInt64Array.from(values, BigInt), dims)
    : new Tensor('int32', Int32Array.from(values), dims);
}

/** Tensors [1, …] of one shape joined along their first axis. */
export function stack(rows: readonly Tensor[]): Tensor {
  const data = rows.map((row) => row.data as Float32Array);
  const joined = new Float32Array(data.reduce((length, row) => length + row.length, 0));
  let offset = 0;
  for (const row of data) {
    joined.set(row, offset);
    offset += row.length;
  }
  return new Tensor('float32', joined, [rows.length, ...(rows[0]?.dims.slice(1) ?? [])]);
}
