import { LascauxError, fromFloat16 } from '@lascaux/nn';

/** An array as NumPy saves it; 64-bit integers and half-precision numbers are widened to what JavaScript has. */
export interface NpyArray {
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ALIGNMENT = 64;

/** Element types by their NumPy descriptor: bytes of one element, and how a little-endian buffer of them is read. */
const types: Record<string, { bytes: number; read: (buffer: ArrayBuffer) => NpyArray['data'] }> = {
  '<f8': { bytes: 8, read: (buffer) => new Float64Array(buffer) },
  '<f4': { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  '<f2': { bytes: 2, read: (buffer) => fromFloat16(new Uint16Array(buffer)) },
  '<i8': { bytes: 8, read: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number) },
  '<i4': { bytes: 4, read: (buffer) => new Int32Array(buffer) },
  '|u1': { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
};

/**
 * Reads the `.npy` format, versions 1 to 3 (NumPy enhancement proposal 1). Column-major arrays of two dimensions come out
 * row-major.
 *
 * @param name of the file, for messages.
 * @throws LascauxError when it is no `.npy` file, is cut short, or holds elements of another kind (objects are never unpickled).
 */
export function decodeNpy(bytes: Uint8Array, name = 'npy'): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new LascauxError({
      operation: name,
      rule: 'must begin as a .npy file',
      value: [...bytes.subarray(0, 6)].join(' '),
    });
  }
  const wide = view.getUint8(6) > 1;
  const headerStart = wide ? 12 : 10;
  const dataStart = headerStart + (wide && bytes.length >= 12 ? view.getUint32(8, true) : view.getUint16(8, true));
  const { descriptor, columnMajor, shape } = parseHeader(
    new TextDecoder().decode(bytes.subarray(headerStart, dataStart)),
    name,
  );
  const type = types[descriptor];
  if (!type)
    throw new LascauxError({
      operation: name,
      rule: 'must have a known element type',
      value: descriptor,
      accepted: Object.keys(types),
    });
  const length = shape.reduce((product, dimension) => product * dimension, type.bytes);
  if (bytes.length < dataStart + length) {
    const rule = `must hold ${dataStart + length} bytes for shape (${shape.join(', ')})`;
    throw new LascauxError({ operation: name, rule, value: bytes.length });
  }
  const { buffer } = new Uint8Array(bytes.subarray(dataStart, dataStart + length));
  const data = type.read(buffer);
  return { data: columnMajor && shape.length > 1 ? rowMajorOrder(data, shape, name) : data, shape };
}

function parseHeader(header: string, name: string): { descriptor: string; columnMajor: boolean; shape: number[] } {
  const descriptor = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (descriptor === undefined || order === undefined || shape === undefined) {
    throw new LascauxError({
      operation: name,
      rule: 'header must give descr, fortran_order and shape',
      value: header.trim().slice(0, 80),
    });
  }
  const dimensions = shape.split(',').filter((part) => part.trim() !== '');
  return { descriptor, columnMajor: order === 'True', shape: dimensions.map(Number) };
}

function rowMajorOrder(data: NpyArray['data'], shape: readonly number[], name: string): NpyArray['data'] {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2)
    throw new LascauxError({
      operation: name,
      rule: 'column-major arrays must have two dimensions',
      value: shape.length,
    });
  return data.map((_, i) => data[(i % columns) * rows + Math.floor(i / columns)] ?? 0);
}

/** Writes version 1.0 of the `.npy` format, row-major. @throws LascauxError when the shape does not fit the data. */
export function encodeNpy({ data, shape }: NpyArray): Uint8Array {
  if (shape.reduce((product, dimension) => product * dimension, 1) !== data.length) {
    throw new LascauxError({
      operation: 'npy',
      rule: `shape (${shape.join(', ')}) must fit the data`,
      value: data.length,
    });
  }
  const descriptor =
    data instanceof Float64Array
      ? '<f8'
      : data instanceof Float32Array
        ? '<f4'
        : data instanceof Int32Array
          ? '<i4'
          : '|u1';
  const sizes = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(', ');
  const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const total = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(total + data.byteLength);
  bytes.set([...MAGIC, 1, 0, (total - 10) & 0xff, (total - 10) >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(total - 11)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), total);
  return bytes;
}
