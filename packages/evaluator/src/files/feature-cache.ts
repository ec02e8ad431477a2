import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a SHA-256 digest. */
const KEY_BYTES = 32;

/** Features of pictures on disk, found again by what the picture file holds. */
export interface FeatureCache {
  /** Pictures whose features are there. */
  readonly size: number;
  has(key: string): boolean;
  /** The features of a key, or undefined. */
  get(key: string): Promise<Float32Array | undefined>;
  /** Appends features; a key that is there already is left alone. @throws RangeError on a wrong number of values. */
  put(key: string, features: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** The key of a picture: SHA-256 of its file's bytes, in hexadecimal. */
export function contentKey(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Opens the cache file `<name>.features` in a folder, which is made when missing. Records of fixed length are only
 * appended, so a run that is stopped anywhere loses at most its last record; what is cut off is written over. Only keys
 * and places are held in memory. One process at a time may write to it.
 *
 * @param options.name what the features depend on apart from the picture: extractor, preprocessing and weights.
 */
export async function openFeatureCache(options: {
  folder: string;
  name: string;
  dimensions: number;
}): Promise<FeatureCache> {
  const { folder, name, dimensions } = options;
  await mkdir(folder, { recursive: true });
  const file = await openForUpdate(join(folder, `${name.replaceAll(/[^\w.-]/g, '_')}.features`));
  const record = KEY_BYTES + 4 * dimensions;
  const places = await readPlaces(file, record);
  let records = Math.floor((await file.stat()).size / record);
  return {
    get size() {
      return places.size;
    },
    has: (key) => places.has(key),
    async get(key) {
      const place = places.get(key);
      if (place === undefined) return undefined;
      const features = new Float32Array(dimensions);
      await file.read(new Uint8Array(features.buffer), 0, 4 * dimensions, place * record + KEY_BYTES);
      return features;
    },
    async put(key, features) {
      if (features.length !== dimensions)
        throw new RangeError(`feature cache: ${dimensions} features are needed, got ${features.length}`);
      if (places.has(key)) return;
      const place = records++;
      places.set(key, place);
      const bytes = Buffer.concat([
        Buffer.from(key, 'hex'),
        Buffer.from(features.buffer, features.byteOffset, features.byteLength),
      ]);
      await file.write(bytes, 0, record, place * record);
    },
    close: () => file.close(),
  };
}

async function openForUpdate(path: string): Promise<FileHandle> {
  await (await open(path, 'a')).close();
  return open(path, 'r+');
}

/** Key → number of its record, for all whole records. */
async function readPlaces(file: FileHandle, record: number): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  const count = Math.floor((await file.stat()).size / record);
  const key = Buffer.alloc(KEY_BYTES);
  for (let place = 0; place < count; place++) {
    await file.read(key, 0, KEY_BYTES, place * record);
    places.set(key.toString('hex'), place);
  }
  return places;
}
