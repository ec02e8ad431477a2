import type { SafetensorsType } from './format.js';

/** Elements of a stored tensor; F16, BF16 and the eight-bit types come as their bits. */
export type SafetensorsData =
  Float64Array | Float32Array | Uint16Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/** A tensor read from a file. */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  readonly data: SafetensorsData;
}
