import { Tensor } from 'onnxruntime-common';

const floats = (tensor: Tensor): Float32Array => tensor.data as Float32Array;

/** float32 tensors of equal shape but for one axis, joined along it. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors as readonly [Tensor, ...Tensor[]];
  const at = axis < 0 ? first.dims.length + axis : axis;
  const outer = first.dims.slice(0, at).reduce((product, dim) => product * dim, 1);
  const blocks = tensors.map((tensor) => tensor.size / outer);
  const row = blocks.reduce((sum, block) => sum + block, 0);
  const joined = new Float32Array(outer * row);
  let offset = 0;
  tensors.forEach((tensor, k) => {
    const block = blocks[k]!;
    for (let i = 0; i < outer; i++) joined.set(floats(tensor).subarray(i * block, (i + 1) * block), i * row + offset);
    offset += block;
  });
  const dims = [...first.dims];
  dims[at] = tensors.reduce((sum, { dims }) => sum + dims[at]!, 0);
  return new Tensor('float32', joined, dims);
}

/** Zeros of a shape. */
export function zeros(dims: readonly number[]): Tensor {
  return new Tensor('float32', new Float32Array(dims.reduce((product, dim) => product * dim, 1)), dims);
}

/** The tensor with zeros after its last axis, so that this is `width` long. */
export function padLast(tensor: Tensor, width: number): Tensor {
  const missing = width - tensor.dims.at(-1)!;
  return missing <= 0 ? tensor : concat([tensor, zeros([...tensor.dims.slice(0, -1), missing])], -1);
}

/** One row for each image: [B, D]. */
export function rowsOf(rows: readonly (readonly number[])[]): Tensor {
  return new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);
}
