import { check, type Engine } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { chooseEngine, measureLimit } from '@lascaux/training';
import type { TrainingCall } from './training-call.js';

/** An engine, and what ends it: nothing, where it is the caller's own. */
interface OpenEngine {
  readonly engine: Engine;
  readonly dispose: () => Promise<void>;
}

/**
 * The engine that a call names, or the fastest.
 * @throws {LascauxError} as `chooseEngine` does, and when `threads` is given for an engine that has no such setting
 */
export async function openEngine({ engine: named, device, threads, onNotice }: TrainingCall): Promise<OpenEngine> {
  if (typeof named === 'object') return { engine: named, dispose: () => Promise.resolve() };
  const { engine, reason } = await chooseEngine({ engine: named, device });
  onNotice?.({ kind: 'engine', reason, threads });
  if (threads === undefined) return owned(engine);
  check(engine.name === 'onnx' && engine.device === 'cpu', {
    option: 'threads',
    rule: 'only the engine onnx on the cpu takes a number of threads',
    value: `${engine.name} on ${engine.device}`,
    kind: 'usage',
  });
  await engine.dispose();
  return owned(onnxEngine({ threads }));
}

const owned = (engine: Engine): OpenEngine => ({ engine, dispose: async () => engine.dispose() });

/** A run of fewer images is over in seconds, and the measurement should not take longer. */
const SHORT_RUN = 1000;

/** The engine's limit in floating-point operations per second, measured with small matrices where the run is short. */
export function engineLimit(engine: Engine, images = Infinity): Promise<number> {
  return measureLimit(engine, images < SHORT_RUN ? { size: 256, products: 2, runs: 2 } : {});
}
