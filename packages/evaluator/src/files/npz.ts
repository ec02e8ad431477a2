import { LascauxError, check, limits } from '@lascaux/nn';
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.js';

/** A date that every archive carries, so that equal arrays give equal files (zip dates begin in 1980). */
const FIXED_DATE = new Date(1980, 0, 1);

/**
 * Reads the arrays of an `.npz` archive (NumPy's `savez` and `savez_compressed`) by their names.
 *
 * Why: docs/decisions/0026.
 * @param only names to read; the others are skipped unread, so pickled objects beside them do no harm.
 * @throws LascauxError when it is no zip archive or an array cannot be read.
 */
export function decodeNpz(
  bytes: Uint8Array,
  options: { name?: string; only?: readonly string[] } = {},
): Record<string, NpyArray> {
  const { name = 'npz', only } = options;
  const keep = (file: string): boolean => file.endsWith('.npy') && (only?.includes(file.slice(0, -4)) ?? true);
  const files = unzipped(bytes, { name, keep });
  return Object.fromEntries(
    Object.entries(files).map(([file, content]) => [file.slice(0, -4), decodeNpy(content, `${name}: ${file}`)]),
  );
}

/** The names of an archive's arrays; none are read. @throws LascauxError when it is no zip archive. */
export function namesInNpz(bytes: Uint8Array, name = 'npz'): string[] {
  const names: string[] = [];
  const skip = (file: string): boolean => {
    if (file.endsWith('.npy')) names.push(file.slice(0, -4));
    return false;
  };
  unzipped(bytes, { name, keep: skip });
  return names;
}

function unzipped(
  bytes: Uint8Array,
  { name, keep }: { name: string; keep: (file: string) => boolean },
): Record<string, Uint8Array> {
  let total = 0;
  // Sizes are those that the directory says: the library makes no more than that.
  const taken = (file: { readonly name: string; readonly originalSize: number }): boolean => {
    if (!keep(file.name)) return false;
    total += file.originalSize;
    const rule = `arrays may have ${limits.npzBytes / 2 ** 20} MB together; larger features fit into a .npy file`;
    check(total <= limits.npzBytes, { operation: name, rule, value: `${total} bytes` });
    return true;
  };
  try {
    return unzipSync(bytes, { filter: taken });
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const value = (cause as Error).message;
    throw new LascauxError({ operation: name, rule: 'must be an .npz (zip) archive', value, cause });
  }
}

/** Writes an `.npz` archive, compressed unless told otherwise; equal arrays give equal bytes. */
export function encodeNpz(arrays: Record<string, NpyArray>, options: { compress?: boolean } = {}): Uint8Array {
  const { compress = true } = options;
  const files: Zippable = {};
  for (const [name, array] of Object.entries(arrays)) {
    files[`${name}.npy`] = [encodeNpy(array), { level: compress ? 6 : 0, mtime: FIXED_DATE }];
  }
  return zipSync(files);
}
