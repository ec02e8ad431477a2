import type { SafetensorsType } from '../safetensors/format.js';
import { PickleObject } from './pickle-values.js';

/** The element type of each storage class of `torch`. */
export const storageTypes: Readonly<Record<string, SafetensorsType>> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

/** A class of storages. */
export class StorageClass extends PickleObject {
  readonly kind = 'storage class';
  constructor(readonly dtype: SafetensorsType) {
    super();
  }
}

/** A run of elements in the file, which several tensors may share. */
export class Storage extends PickleObject {
  readonly kind = 'storage';
  /** Names the run within its file. */
  readonly key: string;
  readonly dtype: SafetensorsType;
  /** Elements. */
  readonly length: number;
  /** Elements before the first one in the run `key`; other than 0 only in files from before torch 0.4. */
  readonly start: number;

  constructor({ key, dtype, length, start }: { key: string; dtype: SafetensorsType; length: number; start: number }) {
    super();
    this.key = key;
    this.dtype = dtype;
    this.length = length;
    this.start = start;
  }
}

/** A view of a storage. */
export class StoredTensor extends PickleObject {
  readonly kind = 'tensor';
  readonly storage: Storage;
  /** Elements of the storage before the first one. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];

  constructor(view: { storage: Storage; offset: number; shape: readonly number[]; strides: readonly number[] }) {
    super();
    this.storage = view.storage;
    this.offset = view.offset;
    this.shape = view.shape;
    this.strides = view.strides;
  }
}
