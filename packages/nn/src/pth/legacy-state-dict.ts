import { LascauxError, check } from '../errors.js';
import { limits } from '../limits.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { safetensorsTypes } from '../safetensors/format.js';
import { PickleTruncated } from './pickle-reader.js';
import type { PickleContext, PickleValue } from './pickle-values.js';
import type { StateDictFile } from './state-dict.js';
import { Storage } from './storage.js';
import { torchContext } from './torch-context.js';
import { unpickle } from './unpickle.js';

/** The first pickle of the file, a number. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** The pickles come first, without saying how long they are: so much is read, then eight times as much, while they go on. */
const FIRST_READ = 2 ** 20;

interface Pickles {
  readonly value: PickleValue;
  /** In the order of the storages that follow. */
  readonly keys: readonly string[];
  readonly storages: ReadonlyMap<string, Storage>;
  readonly end: number;
}

/** Magic number, version, system, the object itself, keys of its storages: one pickle each. */
function readPickles(bytes: Uint8Array, path: string): Pickles {
  const storages = new Map<string, Storage>();
  const torch = torchContext(path);
  const context: PickleContext = {
    ...torch,
    persistent: (id) => {
      const storage = torch.persistent(id);
      if (storage instanceof Storage) storages.set(storage.key, storage);
      return storage;
    },
  };
  let position = 0;
  const next = (): PickleValue => {
    const { value, end } = unpickle(bytes, { context, position });
    position = end;
    return value;
  };
  check(next() === MAGIC, { operation: path, rule: 'is no PyTorch file: the magic number is wrong' });
  const protocol = next();
  check(protocol === PROTOCOL, { operation: path, rule: `must have protocol version ${PROTOCOL}`, value: protocol });
  const system = next();
  const littleEndian = system instanceof Map ? system.get('little_endian') : undefined;
  check(littleEndian === true, { operation: path, rule: 'must say that it is little-endian', value: littleEndian });
  const value = next();
  const keys = next();
  const valid = Array.isArray(keys) && keys.every((key): key is string => typeof key === 'string');
  check(valid && new Set(keys).size === keys.length, { operation: path, rule: 'the list of storages is malformed' });
  const most = limits.tensors;
  check(keys.length <= most, { operation: path, rule: `may hold ${most} storages`, value: keys.length });
  return { value, keys, storages, end: position };
}

async function picklesOf(file: RandomAccessFile): Promise<Pickles> {
  for (let length = FIRST_READ; ; length *= 8) {
    const bytes = new Uint8Array(await file.read(0, Math.min(length, file.size)));
    try {
      return readPickles(bytes, file.path);
    } catch (cause) {
      if (!(cause instanceof PickleTruncated)) throw cause;
      check(length < file.size && length < limits.pickleBytes, {
        operation: file.path,
        rule: 'is truncated: it ends inside its pickle',
        value: `${file.size} bytes`,
        cause,
      });
    }
  }
}

/** Where each storage begins: its length in elements, as 8 bytes, then the elements. */
async function placesOf(
  file: RandomAccessFile,
  { keys, storages, end }: Pickles,
): Promise<ReadonlyMap<string, { begin: number; length: number }>> {
  const places = new Map<string, { begin: number; length: number }>();
  let at = end;
  for (const key of keys) {
    const storage = storages.get(key);
    if (storage === undefined)
      throw new LascauxError({ operation: file.path, rule: 'lists a storage that no tensor has', value: key });
    const length = Number(new DataView(await file.read(at, 8)).getBigInt64(0, true));
    const begin = at + 8;
    at = begin + length * safetensorsTypes[storage.dtype];
    check(length >= 0 && at <= file.size, {
      operation: file.path,
      rule: `is truncated: storage ${key} of ${length} elements ends at byte ${at}`,
      value: `${file.size} bytes`,
    });
    places.set(key, { begin, length });
  }
  return places;
}

/** Opens what `torch.save` wrote before 1.6: five pickles, then the storages one after another. */
export async function openLegacyStateDict(file: RandomAccessFile): Promise<StateDictFile> {
  const pickles = await picklesOf(file);
  const places = await placesOf(file, pickles);
  return {
    value: pickles.value,
    locate: ({ key, start, length }) => {
      const place = places.get(key);
      if (place === undefined || place.length < start + length)
        throw new LascauxError({
          operation: file.path,
          rule: `storage ${key} must hold ${length} elements`,
          value: place === undefined ? 'none' : place.length,
        });
      return Promise.resolve(place.begin);
    },
  };
}
