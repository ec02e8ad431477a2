import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { LascauxError, check } from '../errors.js';
import type { SafetensorsEntry, SafetensorsHeader, SafetensorsType } from './format.js';
import { MAX_HEADER_BYTES, parseHeader } from './format.js';

/** Elements of a stored tensor; F16 and BF16 come as their bits. */
export type SafetensorsData =
  Float64Array | Float32Array | Uint16Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/** A tensor read from a file. */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  readonly data: SafetensorsData;
}

const views: Readonly<Record<SafetensorsType, (buffer: ArrayBuffer) => SafetensorsData>> = {
  F64: (b) => new Float64Array(b),
  F32: (b) => new Float32Array(b),
  F16: (b) => new Uint16Array(b),
  BF16: (b) => new Uint16Array(b),
  I64: (b) => new BigInt64Array(b),
  I32: (b) => new Int32Array(b),
  I16: (b) => new Int16Array(b),
  I8: (b) => new Int8Array(b),
  U8: (b) => new Uint8Array(b),
  BOOL: (b) => new Uint8Array(b),
};

async function withFile<Result>(path: string, use: (file: FileHandle) => Promise<Result>): Promise<Result> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new LascauxError({
      operation: path,
      rule: `cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readExactly(
  file: FileHandle,
  { path, offset, length }: { path: string; offset: number; length: number },
): Promise<ArrayBuffer> {
  const buffer = new ArrayBuffer(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(
      new Uint8Array(buffer, done),
      0,
      Math.min(length - done, 2 ** 30),
      offset + done,
    );
    check(bytesRead > 0, {
      operation: path,
      rule: `is truncated: needs ${offset + length} bytes`,
      value: `${offset + done} bytes`,
    });
    done += bytesRead;
  }
  return buffer;
}

async function headerOf(file: FileHandle, path: string): Promise<SafetensorsHeader> {
  const { size } = await file.stat();
  check(size >= 8, { operation: path, rule: 'is no safetensors file: shorter than 8 bytes', value: `${size} bytes` });
  const length = Number(new DataView(await readExactly(file, { path, offset: 0, length: 8 })).getBigUint64(0, true));
  check(length <= MAX_HEADER_BYTES, {
    operation: path,
    rule: `the header may have at most ${MAX_HEADER_BYTES} bytes`,
    value: length,
  });
  check(8 + length <= size, {
    operation: path,
    rule: `is truncated: the header alone ends at byte ${8 + length}`,
    value: `${size} bytes`,
  });
  const text = new TextDecoder().decode(await readExactly(file, { path, offset: 8, length }));
  return parseHeader(path, text, { dataStart: 8 + length, fileSize: size });
}

/**
 * The header of a safetensors file: names, dtypes, shapes and where the bytes are.
 * @throws {LascauxError} naming the file and the rule it breaks
 */
export const readSafetensorsHeader = (path: string): Promise<SafetensorsHeader> =>
  withFile(path, (file) => headerOf(file, path));

/**
 * All tensors of a safetensors file, or those named.
 * @throws {LascauxError} naming the file and the rule it breaks, or the tensor that is not there
 */
export function readSafetensors(
  path: string,
  names?: readonly string[],
): Promise<{
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}> {
  return withFile(path, async (file) => {
    const { entries, metadata } = await headerOf(file, path);
    const tensors = new Map<string, SafetensorsTensor>();
    for (const name of names ?? entries.keys()) {
      const entry: SafetensorsEntry | undefined = entries.get(name);
      if (entry === undefined) throw new LascauxError({ operation: path, rule: 'has no such tensor', value: name });
      const buffer = await readExactly(file, { path, offset: entry.offset, length: entry.length });
      tensors.set(name, { dtype: entry.dtype, shape: entry.shape, data: views[entry.dtype](buffer) });
    }
    return { tensors, metadata };
  });
}
