import { ops, trace } from '@lascaux/nn';
import type { Engine } from '@lascaux/nn';
import { availableDevices, onnxEngine } from '@lascaux/nn/onnx';
import type * as tfjs from '@lascaux/nn/tfjs';
import { disposeAll } from './device-state.js';
import { mayHaveGpu } from './gpu-hardware.js';
import { measureLimit } from './throughput.js';

/** Where engines come from; tests give another. */
export interface EngineSource {
  /** Execution providers of this ONNX Runtime, and the backends of tfjs. */
  devices(): Promise<{ readonly onnx: readonly string[]; readonly tfjs: readonly string[] }>;
  /** Whether hardware of that kind seems to be there, so that trying makes sense. */
  mayHaveGpu(kind: 'cuda' | 'webgpu'): boolean;
  /** Whether tfjs's CUDA package is installed. */
  hasTfjsGpu(): Promise<boolean>;
  /** @throws when the device is not there */
  onnx(device: string): Promise<Engine>;
  /** The fastest backend by default. @throws when it is not there */
  tfjs(backend?: string): Promise<Engine & { readonly usesGpu?: boolean }>;
  /** Floating-point operations per second in matrix products. */
  speed(engine: Engine): Promise<number>;
}

/** Runs x·2 and sees whether it comes out: a device that is listed may still be missing. */
async function started(engine: Engine): Promise<Engine> {
  const program = trace({ x: { shape: [2] } }, (_, { x }) => ({ y: ops.mul(x, 2) }));
  const executable = await engine.compile(program);
  const inputs = { x: engine.upload(Float32Array.of(1, 2), [2]) };
  const outputs = await executable.run(inputs);
  const [first, second] = (await outputs.y?.read()) ?? [];
  disposeAll({ ...inputs, ...outputs });
  await executable.dispose();
  if (first !== 2 || second !== 4) throw new Error(`1·2 and 2·2 gave ${String(first)} and ${String(second)}`);
  return engine;
}

/** tfjs is reached here only, and only when it is asked for or may be the fastest. */
const tfjsModule = (): Promise<typeof tfjs> => import('@lascaux/nn/tfjs');

/** Slower than this in a small product, a GPU is a program that plays one: the large product would take minutes. */
const SLUGGISH = 0.3e9;

async function speed(engine: Engine): Promise<number> {
  const small = await measureLimit(engine, { size: 128, products: 1, runs: 1 });
  return small < SLUGGISH ? small : measureLimit(engine, { size: 512, products: 4, runs: 2 });
}

/** The engines of this machine. */
export const installedEngines: EngineSource = {
  devices: async () => ({ onnx: availableDevices(), tfjs: (await tfjsModule()).tfjsBackends }),
  mayHaveGpu: (kind) => mayHaveGpu(kind),
  hasTfjsGpu: async () => (await tfjsModule()).hasTfjsGpu(),
  onnx: (device) => started(onnxEngine({ device })),
  tfjs: async (backend) => {
    const { tfjsEngine } = await tfjsModule();
    return tfjsEngine(backend === undefined ? {} : { backend: backend as tfjs.TfjsBackend });
  },
  speed,
};
