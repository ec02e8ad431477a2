import { createHash, type Hash } from 'node:crypto';

/**
 * The running hash whose hex digest is a file's ETag on the hub: SHA-256 of the content (64 digits; large files), or
 * git's blob hash (40 digits): SHA-1 of `blob SIZE`, a zero byte and the content.
 */
export function contentHash(etag: string, size: number): Hash {
  return etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}
