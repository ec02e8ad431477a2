import type { SafetensorsType } from './safetensors/format.js';
import type { SafetensorsTensor } from './safetensors/tensor.js';

/** Shape and type of a tensor in a weights file, known before it is read. */
export interface TensorFacts {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
}

/** An open file of named tensors, read one by one, so that memory holds no more than is asked for. */
export interface WeightsFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, TensorFacts>;
  /** @throws {LascauxError} when there is no such tensor or the file is cut short */
  read(name: string): Promise<SafetensorsTensor>;
  close(): Promise<void>;
}
