import { check } from './errors.js';

/** How a pointer begins (Git LFS specification, "The Pointer"). */
const VERSION = 'version https://git-lfs.github.com/spec/v1';

/** Whether bytes are those of a pointer that Git LFS leaves where a file was not fetched. */
const isPointer = (bytes: Uint8Array): boolean =>
  bytes.length >= VERSION.length && new TextDecoder().decode(bytes.subarray(0, VERSION.length)) === VERSION;

/**
 * Refuses what is only a pointer to a file.
 * @param bytes the first ones of the file, at least 42 of them
 * @throws {LascauxError} that says how to fetch the file
 */
export function checkNoPointer(bytes: Uint8Array, path: string): void {
  check(!isPointer(bytes), { operation: path, rule: 'is a Git LFS pointer, not the file; fetch it with git lfs pull' });
}
