import type { Engine } from '../engine.js';
import { check } from '../errors.js';
import { sizeOf } from '../program/shape.js';
import type { TfjsBackend } from './backends.js';
import { loadBackend, loadFastest } from './backends.js';
import { TfjsExecutable } from './executable.js';
import { toTensor } from './tensor.js';

/** Options of `tfjsEngine`. */
export interface TfjsEngineOptions {
  /** By default the fastest that is installed: `tensorflow`, else `wasm`, else `cpu`. */
  readonly backend?: TfjsBackend;
}

/** An engine on tfjs. */
export interface TfjsEngine extends Engine {
  readonly name: 'tfjs';
  readonly device: TfjsBackend;
  /** Whether the backend computes on a GPU. */
  readonly usesGpu: boolean;
}

/**
 * The engine that runs a program call by call on a backend of tfjs. The packages of tfjs are optional and loaded here.
 * Integers have 32 bits; half precision is held as float32. Engines of several backends may live in one process; the backends
 * themselves stay loaded.
 * Why: docs/decisions/0047.
 * @throws {LascauxError} when the backend is not installed or does not start, naming the packages that bring it
 */
export async function tfjsEngine({ backend: wanted }: TfjsEngineOptions = {}): Promise<TfjsEngine> {
  const { tf, backend, usesGpu } = wanted === undefined ? await loadFastest() : await loadBackend(wanted);
  const select = (): void => {
    // At once for a backend that has been started: only the first call of setBackend has to wait.
    if (tf.getBackend() !== backend) void tf.setBackend(backend);
  };
  return {
    name: 'tfjs',
    device: backend,
    usesGpu,
    upload: (data, shape) => {
      check(data.length === sizeOf(shape), {
        operation: 'upload',
        rule: `[${shape.join(', ')}] needs ${sizeOf(shape)} elements`,
        value: data.length,
      });
      select();
      return toTensor(tf, data, shape);
    },
    compile: (program) =>
      new Promise((resolve) => {
        resolve(new TfjsExecutable(program, { tf, select }));
      }),
    dispose: () => Promise.resolve(),
  };
}
