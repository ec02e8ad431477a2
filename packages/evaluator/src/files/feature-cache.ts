import { LascauxError } from '@lascaux/nn';
import { createHash } from 'node:crypto';
import { KEY_BYTES, openRecordFile } from './record-file.js';

/** Features of pictures on disk, found again by what the picture file holds. */
export interface FeatureCache {
  /** Pictures whose features are there. */
  readonly size: number;
  has(key: string): boolean;
  /** The features of a key, or undefined. */
  get(key: string): Float32Array | undefined;
  /** Appends features; a key that is there already is left alone. @throws LascauxError on a wrong number of values. */
  put(key: string, features: Float32Array): void;
  /** The content key that a file had when it last bore this stamp (path, size, time of change); undefined when unknown. */
  keyOf(stamp: string): string | undefined;
  /** Remembers the content key of a stamp, so that the file need not be read again. */
  remember(stamp: string, key: string): void;
  close(): void;
}

/** The key of a picture: SHA-256 of its file's bytes, in hexadecimal. */
export function contentKey(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Opens the cache file `<name>.features` in a folder, which is made when missing, and beside it `pictures.stamps`, which says of files that
 * did not change what they hold. Runs that are stopped lose nothing; several may use the folder at once.
 *
 * Why: docs/decisions/0085.
 * @param options.name what the features depend on apart from the picture: extractor, preprocessing and weights.
 * @throws LascauxError when the folder cannot be written.
 */
export function openFeatureCache(options: { folder: string; name: string; dimensions: number }): FeatureCache {
  const { folder, name, dimensions } = options;
  const features = openRecordFile({ folder, name: `${name}.features`, valueBytes: 4 * dimensions });
  const stamps = openRecordFile({ folder, name: 'pictures.stamps', valueBytes: KEY_BYTES });
  return {
    get size() {
      return features.size;
    },
    has: (key) => features.has(key),
    get(key) {
      const bytes = features.get(key);
      return bytes && new Float32Array(bytes.buffer);
    },
    put(key, values) {
      if (values.length !== dimensions)
        throw new LascauxError({
          operation: 'feature cache',
          rule: `${dimensions} features are needed`,
          value: values.length,
        });
      features.put(key, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    },
    keyOf(stamp) {
      const key = stamps.get(contentKey(stamp));
      return key && Buffer.from(key).toString('hex');
    },
    remember: (stamp, key) => stamps.put(contentKey(stamp), Buffer.from(key, 'hex')),
    close() {
      features.close();
      stamps.close();
    },
  };
}
