import { LascauxError } from '../errors.js';
import { limits } from '../limits.js';
import { sizeOf } from '../program/shape.js';
import type { PickleContext, PickleValue } from './pickle-values.js';
import { PickleCallable } from './pickle-values.js';
import { Storage, StorageClass, StoredTensor, storageTypes } from './storage.js';

const isSize = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isSizes = (value: PickleValue | undefined): value is number[] => Array.isArray(value) && value.every(isSize);

type Fail = PickleContext['fail'];

/** `torch._utils._rebuild_tensor(storage, offset, shape, strides)`; later versions add arguments about gradients. */
function tensor(fail: Fail, [storage, offset, shape, strides]: readonly PickleValue[]): StoredTensor {
  const valid = storage instanceof Storage && isSize(offset) && isSizes(shape) && isSizes(strides);
  if (!valid || shape.length !== strides.length || shape.length > limits.tensorAxes)
    throw fail('a tensor is malformed');
  // Index of the last element that the view reaches.
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] as number), offset);
  if (sizeOf(shape) > 0 && !(last < storage.length))
    throw fail(
      `a tensor [${shape.join(', ')}] reaches element ${last} of storage ${storage.key}`,
      `${storage.length} elements`,
    );
  return new StoredTensor({ storage, offset, shape, strides });
}

/** `collections.OrderedDict(pairs)`. */
function dictionary(fail: Fail, [pairs = []]: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  const valid = Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
  if (!valid) throw fail('an ordered dictionary is malformed');
  return new Map(pairs as [PickleValue, PickleValue][]);
}

/** `torch._utils._rebuild_parameter(tensor, requires_grad, hooks)`. */
function parameter(fail: Fail, [data]: readonly PickleValue[]): StoredTensor {
  if (!(data instanceof StoredTensor)) throw fail('a parameter is malformed');
  return data;
}

const callables: Readonly<Record<string, (fail: Fail, args: readonly PickleValue[]) => PickleValue>> = {
  'collections.OrderedDict': dictionary,
  'torch._utils._rebuild_tensor': tensor,
  'torch._utils._rebuild_tensor_v2': tensor,
  'torch._utils._rebuild_parameter': parameter,
};

function globalNamed(fail: Fail, path: string, name: string): PickleValue {
  const dtype = Object.hasOwn(storageTypes, name) ? storageTypes[name] : undefined;
  if (dtype !== undefined) return new StorageClass(dtype);
  const call = Object.hasOwn(callables, name) ? callables[name] : undefined;
  if (call !== undefined) return new PickleCallable(name, (args) => call(fail, args));
  throw new LascauxError({
    operation: path,
    rule: 'holds more than a state dict: only tensors are read',
    value: name,
    accepted: [...Object.keys(callables), ...Object.keys(storageTypes)],
  });
}

/** `('storage', class, key, device, length)`, in older files with a view `(key, start, length)` at the end. */
function storageOf(fail: Fail, id: PickleValue): Storage {
  if (!Array.isArray(id) || id[0] !== 'storage') throw fail('a persistent id is no storage');
  const [, kind, key, , length, view = null] = id;
  if (!(kind instanceof StorageClass) || typeof key !== 'string' || !isSize(length))
    throw fail('a storage is malformed');
  if (view === null) return new Storage({ key, dtype: kind.dtype, length, start: 0 });
  const [, start, size] = Array.isArray(view) ? view : [];
  if (!isSize(start) || !isSize(size) || start + size > length) throw fail('a view of a storage is malformed');
  return new Storage({ key, dtype: kind.dtype, length: size, start });
}

/** What the pickle of a state dict may refer to: tensors, parameters, storages, ordered dictionaries. `path` names the file in errors. */
export function torchContext(path: string): PickleContext {
  const fail: Fail = (rule, value) => new LascauxError({ operation: path, rule, value });
  return {
    fail,
    global: (name) => globalNamed(fail, path, name),
    persistent: (id) => storageOf(fail, id),
  };
}
