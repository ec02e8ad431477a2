import { LascauxError, check } from '../errors.js';
import { limits } from '../limits.js';
import { sizeOf } from '../program/shape.js';
import { safetensorsTypes } from '../safetensors/format.js';
import type { PickleValue } from './pickle-values.js';
import type { Storage } from './storage.js';
import { StoredTensor } from './storage.js';

/** A file of `torch.save` after its pickle was read. */
export interface StateDictFile {
  readonly value: PickleValue;
  /** The byte at which a storage's run begins. @throws {LascauxError} when the file does not hold the storage whole */
  readonly locate: (storage: Storage) => Promise<number>;
}

/** Shared and repeated elements may make the tensors larger than the file, by this factor and this many bytes. */
const [LARGEST_FACTOR, LARGEST_EXTRA] = [16, 2 ** 26];

const byteSize = ({ shape, storage }: StoredTensor): number => sizeOf(shape) * safetensorsTypes[storage.dtype];

interface Collector {
  readonly path: string;
  readonly tensors: Map<string, StoredTensor>;
  /** Objects seen so far, the same one counted each time: dictionaries may hold one another. */
  seen: number;
}

function collect(collector: Collector, value: PickleValue, { name, depth }: { name: string; depth: number }): void {
  const { path: operation, tensors } = collector;
  collector.seen += 1;
  check(collector.seen <= limits.stateDictObjects, {
    operation,
    rule: `may hold ${limits.stateDictObjects} objects, and holds more`,
  });
  if (value instanceof StoredTensor) {
    check(!tensors.has(name), { operation, rule: 'holds two tensors of one name', value: name });
    tensors.set(name, value);
    check(tensors.size <= limits.tensors, { operation, rule: `may hold ${limits.tensors} tensors, and holds more` });
  }
  if (!(value instanceof Map)) return;
  check(depth < limits.stateDictDepth, {
    operation,
    rule: `dictionaries may be nested ${limits.stateDictDepth} deep`,
    value: name,
  });
  for (const [key, item] of value) {
    if (typeof key !== 'string' && typeof key !== 'number') continue;
    const inner = name === '' ? String(key) : `${name}.${key}`;
    check(inner.length <= limits.tensorName, {
      operation,
      rule: `a name may have ${limits.tensorName} characters`,
      value: inner.length,
    });
    collect(collector, item, { name: inner, depth: depth + 1 });
  }
}

/**
 * The tensors of an unpickled state dict by name; those of dictionaries inside it are named `outer.inner`. Whatever is no tensor is left out.
 * @throws {LascauxError} when there are none, or they are unreasonably large for a file of `fileSize` bytes
 */
export function tensorsOf(
  value: PickleValue,
  { path, fileSize }: { readonly path: string; readonly fileSize: number },
): ReadonlyMap<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  collect({ path, tensors, seen: 0 }, value, { name: '', depth: 0 });
  if (tensors.size === 0) throw new LascauxError({ operation: path, rule: 'holds no tensors' });
  const bytes = [...tensors.values()].reduce((sum, tensor) => sum + byteSize(tensor), 0);
  check(bytes <= LARGEST_FACTOR * fileSize + LARGEST_EXTRA, {
    operation: path,
    rule: `its tensors repeat a file of ${fileSize} bytes too often`,
    value: `${bytes} bytes`,
  });
  return tensors;
}
