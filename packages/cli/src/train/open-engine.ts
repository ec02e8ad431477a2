import { check, type Engine } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { chooseEngine, measureLimit } from '@lascaux/training';
import type { TrainJob } from './train-flags.js';

/**
 * The engine that the flags name, or the fastest; the choice and its reason are noted.
 * @throws {LascauxError} as `chooseEngine` does, and when `--threads` is given for an engine that has no such setting
 */
export async function openEngine({ flags: { engine, device, threads }, terminal }: TrainJob): Promise<Engine> {
  const choice = await chooseEngine({
    ...(engine === undefined ? {} : { engine }),
    ...(device === undefined ? {} : { device }),
  });
  terminal.note(
    `engine: ${choice.reason}${threads === undefined ? '' : `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`}`,
  );
  if (threads === undefined) return choice.engine;
  check(choice.engine.name === 'onnx' && choice.engine.device === 'cpu', {
    operation: '--threads',
    rule: 'only the engine onnx on the cpu takes a number of threads',
    value: `${choice.engine.name} on ${choice.engine.device}`,
    kind: 'usage',
  });
  await choice.engine.dispose();
  return onnxEngine({ threads });
}

/** A run of fewer images is over in seconds, and the measurement should not take longer. */
const SHORT_RUN = 1000;

/** The engine's limit in floating-point operations per second, measured with small matrices where the run is short. */
export function engineLimit(engine: Engine, images = Infinity): Promise<number> {
  return measureLimit(engine, images < SHORT_RUN ? { size: 256, products: 2, runs: 2 } : {});
}
