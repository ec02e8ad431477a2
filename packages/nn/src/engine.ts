import type { Program } from './program/program.js';
import type { DType } from './program/shape.js';
import type { Replica } from './replica.js';
import type { TensorData } from './tensor-data.js';

/** A tensor held where an engine computes. */
export interface DeviceTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The elements, row-major. The array may be a view of memory that a later run overwrites: copy what must last. */
  read(): Promise<TensorData>;
  /** Frees its memory; harmless when called twice. */
  dispose(): void;
}

export type DeviceTensors = Readonly<Record<string, DeviceTensor>>;

/** A program made ready to run on an engine. */
export interface Executable {
  /**
   * Runs the program once.
   * @param inputs every input of the program by name
   * @param recycled tensors of an earlier run, by output name, whose memory may be overwritten with the new results; they must not be used afterwards
   */
  run(inputs: DeviceTensors, recycled?: DeviceTensors): Promise<DeviceTensors>;
  dispose(): Promise<void>;
}

/** A place where programs run. */
export interface Engine {
  readonly name: 'onnx' | 'tfjs';
  /** What it runs on, e.g. `cpu`, `webgpu`, `cuda`, or a tfjs backend's name. */
  readonly device: string;
  upload(data: TensorData, shape: readonly number[]): DeviceTensor;
  /** A thread that computes on one core beside others; undefined where the device has no cores to share out. */
  readonly openReplica?: () => Replica;
  /** @throws {LascauxError} when the program has symbolic axes or the device refuses it */
  compile(program: Program): Promise<Executable>;
  dispose(): Promise<void>;
}
