import { LascauxError, check } from '../errors.js';

/** One axis: a size, or the name of a size known only when the program runs, such as `batch` or `height*2`. */
export type Dim = number | string;
/** The sizes of the axes, outermost first. */
export type Shape = readonly Dim[];

/** The element types that programs know. Network arithmetic is float32; the others are inputs, indices and storage. */
export type DType = 'float32' | 'float16' | 'int32' | 'int64';

/** The product of all sizes. @throws {LascauxError} when a size is symbolic */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) {
    check(typeof dim === 'number', {
      operation: 'sizeOf',
      rule: 'every axis must have a known size',
      value: `[${shape.join(', ')}]`,
    });
    size *= dim;
  }
  return size;
}

/** The product of axes, symbolic where any factor is. */
export function productOf(dims: Shape): Dim {
  let known = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === 'number') known *= dim;
    else names.push(dim);
  }
  if (names.length === 0) return known;
  const symbolic = names.join('*');
  return known === 1 ? symbolic : `${symbolic}*${known}`;
}

/** The sum of axes, symbolic where any summand is. */
export function sumOf(dims: Shape): Dim {
  const names = dims.filter((dim) => typeof dim === 'string');
  const known = dims.filter((dim) => typeof dim === 'number').reduce((total, dim) => total + dim, 0);
  return names.length === 0 ? known : `(${[...names, ...(known === 0 ? [] : [known])].join('+')})`;
}

/** The shape two operands broadcast to (numpy's rule). @throws {LascauxError} when two sizes differ and neither is 1 */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === 1) return y;
    if (y === 1 || x === y || typeof y === 'string') return x;
    if (typeof x === 'string') return y;
    throw new LascauxError({
      operation,
      rule: 'shapes must broadcast',
      value: `[${a.join(', ')}] and [${b.join(', ')}]`,
    });
  });
}

/** Whether two shapes are the same, axis by axis. */
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);

/** An axis counted from the front; negative ones count from the back. @throws {LascauxError} outside the rank */
export function axisOf(operation: string, axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  check(Number.isInteger(index) && index >= 0 && index < rank, {
    operation,
    rule: `axis must lie within rank ${rank}`,
    value: axis,
  });
  return index;
}

/** The strides-and-padding arithmetic of a convolution along one axis: ⌊(size + padding − kernel) / stride⌋ + 1. */
export function convolvedDim({
  size,
  kernel,
  stride,
  padding,
}: {
  size: Dim;
  kernel: number;
  stride: number;
  padding: number;
}): Dim {
  if (typeof size === 'number') return Math.floor((size + padding - kernel) / stride) + 1;
  const shift = padding - kernel + stride;
  if (stride === 1) return shift === 0 ? size : `(${size}+${shift})`;
  return shift === 0 ? `(${size}/${stride})` : `((${size}+${shift})/${stride})`;
}
