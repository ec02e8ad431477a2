import { LascauxError, sizeOf, type SafetensorsTensor, type TensorFacts } from '@lascaux/nn';
import type { WeightSource } from '../convert/find-weights.js';

/** Where a checkpoint in an original naming holds a parameter of ours. */
export interface TensorPart {
  /** Name of the tensor that holds it; of one of the same element type where it holds nothing. */
  readonly from: string;
  /** The checkpoint leaves it out, and means an identity of so many rows. */
  readonly identity?: number;
  /** Only this one of several parts of equal numbers of rows: `[1, 3]` is the keys of fused queries, keys and values. */
  readonly part?: readonly [index: number, of: number];
  /** A range of rows, where parts differ in size. */
  readonly rows?: readonly [begin: number, end: number];
  /** Stored as [in, out]. */
  readonly transposed?: boolean;
  /** The two halves of the rows stand in the other order. */
  readonly swapped?: boolean;
}

/** Our parameter names, and where they are. */
export type TensorParts = ReadonlyMap<string, TensorPart>;

type Data = SafetensorsTensor['data'];

/** The rows of a part; undefined for all. */
function rowsOf({ part, rows }: TensorPart, count: number): readonly [number, number] | undefined {
  if (part === undefined) return rows;
  const [index, of] = part;
  return [(index * count) / of, ((index + 1) * count) / of];
}

function shapeOf(part: TensorPart, shape: readonly number[]): readonly number[] {
  if (part.identity !== undefined) return [part.identity, part.identity];
  if (part.transposed === true) return [...shape].reverse();
  const [begin, end] = rowsOf(part, shape[0] ?? 0) ?? [0, shape[0] ?? 0];
  return [end - begin, ...shape.slice(1)];
}

/** A matrix [N, M] as [M, N]. */
function transposed(data: Data, [n = 0, m = 1]: readonly number[]): Data {
  const result = data.slice() as Data;
  for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) result[k * n + i] = data[i * m + k]!;
  return result;
}

function swapped(data: Data): Data {
  const result = data.slice() as Data;
  const half = data.length / 2;
  for (let i = 0; i < half; i++) {
    result[i] = data[i + half]!;
    result[i + half] = data[i]!;
  }
  return result;
}

function identity(rows: number): SafetensorsTensor {
  const data = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) data[i * rows + i] = 1;
  return { dtype: 'F32', shape: [rows, rows], data };
}

function elementsOf(part: TensorPart, { shape, data }: SafetensorsTensor): Data {
  if (part.transposed === true) return transposed(data, shape);
  const rows = rowsOf(part, shape[0] ?? 0);
  if (rows !== undefined) {
    const row = sizeOf(shape.slice(1));
    return data.slice(rows[0] * row, rows[1] * row);
  }
  return part.swapped === true ? swapped(data) : data;
}

/** A checkpoint's tensors under our names. Closing it leaves the checkpoint open, which several components share. */
export function partSource({ entries, read }: Pick<WeightSource, 'entries' | 'read'>, parts: TensorParts): WeightSource {
  const facts = (part: TensorPart): TensorFacts => {
    const { dtype, shape } = entries.get(part.from)!;
    return { dtype, shape: shapeOf(part, shape) };
  };
  return {
    entries: new Map([...parts].map(([name, part]) => [name, facts(part)])),
    read: async (name) => {
      const part = parts.get(name);
      if (part === undefined) throw new LascauxError({ operation: 'weights', rule: 'no such tensor', value: name });
      if (part.identity !== undefined) return identity(part.identity);
      const tensor = await read(part.from);
      return { dtype: tensor.dtype, shape: shapeOf(part, tensor.shape), data: elementsOf(part, tensor) };
    },
    close: () => Promise.resolve(),
  };
}
