import { LascauxError, check } from '../errors.js';
import { limits } from '../limits.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { openRandomAccess } from '../random-access-file.js';
import type { WeightsFile } from '../weights-file.js';
import type { SafetensorsHeader, SafetensorsType } from './format.js';
import { parseHeader } from './format.js';
import type { SafetensorsData, SafetensorsTensor } from './tensor.js';

/** The elements that bytes hold. */
export const elementsOf: Readonly<Record<SafetensorsType, (buffer: ArrayBuffer) => SafetensorsData>> = {
  F64: (b) => new Float64Array(b),
  F32: (b) => new Float32Array(b),
  F16: (b) => new Uint16Array(b),
  BF16: (b) => new Uint16Array(b),
  F8_E4M3: (b) => new Uint8Array(b),
  F8_E5M2: (b) => new Uint8Array(b),
  I64: (b) => new BigInt64Array(b),
  I32: (b) => new Int32Array(b),
  I16: (b) => new Int16Array(b),
  I8: (b) => new Int8Array(b),
  U8: (b) => new Uint8Array(b),
  BOOL: (b) => new Uint8Array(b),
};

async function headerOf(file: RandomAccessFile): Promise<SafetensorsHeader> {
  const { path, size } = file;
  check(size >= 8, { operation: path, rule: 'is no safetensors file: shorter than 8 bytes', value: `${size} bytes` });
  const length = Number(new DataView(await file.read(0, 8)).getBigUint64(0, true));
  check(length <= limits.safetensorsHeaderBytes, {
    operation: path,
    rule: `the header may have at most ${limits.safetensorsHeaderBytes} bytes`,
    value: length,
  });
  check(8 + length <= size, {
    operation: path,
    rule: `is truncated: the header alone ends at byte ${8 + length}`,
    value: `${size} bytes`,
  });
  const text = new TextDecoder().decode(await file.read(8, length));
  return parseHeader(path, text, { dataStart: 8 + length, fileSize: size });
}

/** A safetensors file held open. */
export interface SafetensorsFile extends WeightsFile, SafetensorsHeader {
  readonly entries: SafetensorsHeader['entries'];
}

/**
 * Opens a safetensors file whose tensors are read one by one; close it in the end.
 * @throws {LascauxError} naming the file and the rule it breaks
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openRandomAccess(path);
  try {
    const header = await headerOf(file);
    return {
      ...header,
      path,
      read: async (name) => {
        const entry = header.entries.get(name);
        if (entry === undefined) throw new LascauxError({ operation: path, rule: 'has no such tensor', value: name });
        const { dtype, shape, offset, length } = entry;
        return { dtype, shape, data: elementsOf[dtype](await file.read(offset, length)) };
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The header of a safetensors file: names, dtypes, shapes and where the bytes are.
 * @throws {LascauxError} naming the file and the rule it breaks
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const file = await openSafetensors(path);
  await file.close();
  return { entries: file.entries, metadata: file.metadata };
}

/** All tensors of an open file, or those named; the file is closed. */
export async function readAndClose(
  file: WeightsFile,
  names: Iterable<string> = file.entries.keys(),
): Promise<ReadonlyMap<string, SafetensorsTensor>> {
  try {
    const tensors = new Map<string, SafetensorsTensor>();
    for (const name of names) tensors.set(name, await file.read(name));
    return tensors;
  } finally {
    await file.close();
  }
}

/**
 * All tensors of a safetensors file, or those named.
 * @throws {LascauxError} naming the file and the rule it breaks, or the tensor that is not there
 */
export async function readSafetensors(
  path: string,
  names?: readonly string[],
): Promise<{
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}> {
  const file = await openSafetensors(path);
  return { tensors: await readAndClose(file, names), metadata: file.metadata };
}
