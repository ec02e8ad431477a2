import type { RandomAccessFile } from '../random-access-file.js';
import { sizeOf } from '../program/shape.js';
import { safetensorsTypes } from '../safetensors/format.js';
import type { SafetensorsTensor } from '../safetensors/tensor.js';
import { elementsOf } from '../safetensors/read.js';
import type { StoredTensor } from './storage.js';

/** Strides of a tensor whose elements lie in order. */
function contiguousStrides(shape: readonly number[]): readonly number[] {
  const strides = [...shape];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis] as number;
  }
  return strides;
}

/** An axis of one element has no stride that matters. */
const inOrder = ({ shape, strides }: StoredTensor): boolean =>
  contiguousStrides(shape).every((stride, axis) => shape[axis] === 1 || stride === strides[axis]);

/** Moves elements of `size` bytes from a strided view into order. */
function gather(source: Uint8Array, { shape, strides, size }: StridedView): ArrayBuffer {
  const count = sizeOf(shape);
  const result = new Uint8Array(count * size);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < count; i++) {
    for (let byte = 0; byte < size; byte++) result[i * size + byte] = source[from * size + byte] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      from += stride;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= stride * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return result.buffer;
}

interface StridedView {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Bytes of an element. */
  readonly size: number;
}

/** Reads a tensor whose storage begins at byte `begin` of the file. @throws {LascauxError} when the file is cut short */
export async function readView(
  file: RandomAccessFile,
  tensor: StoredTensor,
  begin: number,
): Promise<SafetensorsTensor> {
  const { shape, strides, storage } = tensor;
  const size = safetensorsTypes[storage.dtype];
  const at = begin + (storage.start + tensor.offset) * size;
  const count = sizeOf(shape);
  const straight = count === 0 || inOrder(tensor);
  const reach = straight ? count : 1 + shape.reduce((sum, dim, axis) => sum + (dim - 1) * (strides[axis] as number), 0);
  const bytes = await file.read(at, reach * size);
  const ordered = straight ? bytes : gather(new Uint8Array(bytes), { shape, strides, size });
  return { dtype: storage.dtype, shape, data: elementsOf[storage.dtype](ordered) };
}
