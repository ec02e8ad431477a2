import { createRequire } from 'node:module';
import type * as core from '@tensorflow/tfjs-core';
import { LascauxError, check } from '../errors.js';

/** The functions of tfjs, wherever they come from: tfjs-core, or tfjs-node, which brings them along. */
export type Tfjs = typeof core;

/** The tfjs backends that programs can run on, the fastest first. */
export const tfjsBackends = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

/** `tensorflow`: native, CUDA with tfjs-node-gpu; `webgpu`: Dawn; `wasm`: one thread with SIMD; `cpu`: plain JavaScript. */
export type TfjsBackend = (typeof tfjsBackends)[number];

/** A backend that was loaded. */
export interface LoadedBackend {
  readonly tf: Tfjs;
  readonly backend: TfjsBackend;
  /** Whether it computes on a GPU. */
  readonly usesGpu: boolean;
}

/** Loads and starts each backend. */
const installs: Readonly<Record<TfjsBackend, string>> = {
  tensorflow: 'npm i @tensorflow/tfjs-node-gpu (or @tensorflow/tfjs-node)',
  webgpu: 'npm i @tensorflow/tfjs-core @tensorflow/tfjs-backend-webgpu webgpu',
  wasm: 'npm i @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm',
  cpu: 'npm i @tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu',
};

/** The packages are optional: their names are data, so that nothing needs them to compile or to start. */
async function load<Module>(name: string): Promise<Module> {
  const module = (await import(name)) as { readonly default?: Module };
  return module.default ?? (module as Module);
}

const loadCore = (): Promise<Tfjs> => load<Tfjs>('@tensorflow/tfjs-core');

/** Neither package loads on every machine (no libtensorflow, no CUDA): the first that does is taken. */
async function loadTensorflow(): Promise<Tfjs> {
  try {
    return await load<Tfjs>('@tensorflow/tfjs-node-gpu');
  } catch {
    return await load<Tfjs>('@tensorflow/tfjs-node');
  }
}

/** Emscripten's start-up code makes Node abort on an unhandled rejection anywhere in the process: those listeners are taken off again. */
async function loadWasm(): Promise<Tfjs> {
  const tf = await loadCore();
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  await load('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (!before[i]?.has(listener)) process.off(event, listener);
  });
  return tf;
}

/** Dawn's `create` gives what a browser has as `navigator.gpu`. */
async function loadWebgpu(): Promise<Tfjs> {
  const tf = await loadCore();
  const { create, globals } = await load<{ create: (flags: readonly string[]) => unknown; globals: object }>('webgpu');
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true, writable: true });
  await load('@tensorflow/tfjs-backend-webgpu');
  return tf;
}

async function loadCpu(): Promise<Tfjs> {
  const tf = await loadCore();
  await load('@tensorflow/tfjs-backend-cpu');
  return tf;
}

const loaders: Readonly<Record<TfjsBackend, () => Promise<Tfjs>>> = {
  tensorflow: loadTensorflow,
  webgpu: loadWebgpu,
  wasm: loadWasm,
  cpu: loadCpu,
};

const reason = (cause: unknown): string =>
  cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause);

/**
 * Loads one backend and makes it ready.
 * @throws {LascauxError} naming the packages that switch it on
 */
export async function loadBackend(backend: TfjsBackend): Promise<LoadedBackend> {
  check(tfjsBackends.includes(backend), {
    option: 'device',
    rule: 'tfjs has no such backend',
    value: backend,
    accepted: tfjsBackends,
    kind: 'usage',
  });
  try {
    const tf = await loaders[backend]();
    // Its checks and advice on the console are for people who write against tfjs.
    tf.enableProdMode();
    if (!(await tf.setBackend(backend))) throw new Error('it does not start');
    const { isUsingGpuDevice } = tf.backend() as { readonly isUsingGpuDevice?: boolean };
    return { tf, backend, usesGpu: backend === 'webgpu' || isUsingGpuDevice === true };
  } catch (cause) {
    throw new LascauxError({
      operation: 'tfjs',
      rule: `backend ${backend} is not there; ${installs[backend]} switches it on`,
      value: reason(cause),
      kind: 'usage',
      cause,
    });
  }
}

/**
 * Loads the fastest backend that is there; `webgpu` only when it is asked for by name, as a process that has opened it does not end by itself.
 * @throws {LascauxError} when there is none, naming the packages that bring one
 */
export async function loadFastest(): Promise<LoadedBackend> {
  for (const backend of tfjsBackends) {
    if (backend === 'webgpu') continue;
    try {
      return await loadBackend(backend);
    } catch {
      // The next one is tried.
    }
  }
  throw new LascauxError({
    operation: 'tfjs',
    rule: 'no backend is installed',
    accepted: Object.values(installs),
    kind: 'usage',
  });
}

/** Whether the CUDA package of tfjs is installed; whether it finds a GPU shows only when it is loaded. */
export function hasTfjsGpu(): boolean {
  try {
    createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu');
    return true;
  } catch {
    return false;
  }
}
