import type { TensorData } from './tensor-data.js';
import type { Program } from './program/program.js';

/** A part of shared memory that holds the elements of a float32 array. */
export interface SharedPart {
  readonly memory: SharedArrayBuffer;
  /** Of the first element, counted in elements. */
  readonly offset: number;
  readonly length: number;
}

/** One thing that a replica does with the arrays it holds by name. */
export type ReplicaTask =
  /** Takes over an array under a name. */
  | { readonly kind: 'put'; readonly name: string; readonly data: TensorData; readonly shape: readonly number[] }
  /** Copies elements from shared memory into an array of its own, the other way, or adds them to what is in shared memory. */
  | { readonly kind: 'pull' | 'push' | 'add'; readonly name: string; readonly part: SharedPart }
  /** Sums parts in their order, times a factor, into an array of its own, and adds the sum of its squares to the answer's `squares`. */
  | { readonly kind: 'reduce'; readonly name: string; readonly parts: readonly SharedPart[]; readonly factor: number }
  /** Runs a program: its inputs are the arrays of their names, its outputs become arrays of theirs; those of one element are answered. */
  | { readonly kind: 'run'; readonly program: string }
  /** Lets two arrays change their names. */
  | { readonly kind: 'swap'; readonly names: readonly (readonly [string, string])[] }
  /** Answers copies of arrays. */
  | { readonly kind: 'read'; readonly names: readonly string[] };

/** Numbers that a list of tasks results in. */
export interface ReplicaAnswer {
  /** Outputs of one element, by name. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Of all `reduce` tasks together. */
  readonly squares: number;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

/** A thread with programs and arrays of its own, computing on one core beside others. Why: docs/decisions/0134. */
export interface Replica {
  /** Makes a program ready under a name. @throws {LascauxError} when the runtime refuses it */
  open(name: string, program: Program): Promise<void>;
  /** Does tasks one after another. @throws {LascauxError} with what went wrong in the thread */
  perform(tasks: readonly ReplicaTask[]): Promise<ReplicaAnswer>;
  dispose(): Promise<void>;
}
