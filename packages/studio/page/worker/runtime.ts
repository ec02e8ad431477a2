import type { GraphRuntime } from '@lascaux/pipeline/core';

/** ONNX Runtime, and what it computes with. */
export interface OpenedRuntime {
  readonly runtime: GraphRuntime;
  readonly executionProviders: readonly string[];
  readonly name: string;
}

/**
 * ONNX Runtime for this browser: on the GPU where there is WebGPU, else as WebAssembly, in threads where the page may share memory.
 * @param folder where its WebAssembly lies
 */
export async function openRuntime(folder: URL, mayUseGpu: boolean): Promise<OpenedRuntime> {
  if (mayUseGpu && (await hasGpu())) {
    const { env, InferenceSession } = await import('onnxruntime-web/webgpu');
    configure(env, folder, 'ort-wasm-simd-threaded.asyncify');
    return { runtime: { InferenceSession }, executionProviders: ['webgpu', 'wasm'], name: 'WebGPU' };
  }
  const { env, InferenceSession } = await import('onnxruntime-web/wasm');
  configure(env, folder, 'ort-wasm-simd-threaded');
  const threads = env.wasm.numThreads ?? 1;
  const name = threads > 1 ? `WebAssembly, ${threads} threads` : 'WebAssembly';
  return { runtime: { InferenceSession }, executionProviders: ['wasm'], name };
}

/** Beyond this many threads the small networks of a browser gain nothing. */
const MOST_THREADS = 8;

function configure(
  env: { logLevel?: string; wasm: { wasmPaths?: unknown; numThreads?: number } },
  folder: URL,
  name: string,
): void {
  env.logLevel = 'error';
  env.wasm.wasmPaths = { mjs: new URL(`${name}.mjs`, folder).href, wasm: new URL(`${name}.wasm`, folder).href };
  env.wasm.numThreads = crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
}

interface Adapter {
  readonly info?: { readonly vendor?: string; readonly isFallbackAdapter?: boolean };
}

interface Gpu {
  requestAdapter: () => Promise<Adapter | null>;
}

/** Whether there is a GPU; one that is played by the CPU is slower than the CPU itself. */
async function hasGpu(): Promise<boolean> {
  const { gpu } = navigator as unknown as { gpu?: Gpu };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter != null && adapter.info?.isFallbackAdapter !== true && adapter.info?.vendor !== 'google';
}
