import type { Engine } from '@lascaux/nn';
import { sizeOf } from '@lascaux/nn';
import { programFor } from '@lascaux/training';
import type { NamedArrays } from './arrays.js';
import type { Duration } from './clock.js';
import { startClock } from './clock.js';
import type { BenchNetwork } from './networks.js';
import { largeProduct } from './product.js';

/** One training step that was run. */
export interface StepTime extends Duration {
  readonly loss: number;
}

/** Somebody who trains the network: one of our engines, or another framework. */
export interface Trainer {
  /** Runs one whole step on the same batch: forward, backward, AdamW, and the loss read back. */
  step(): Promise<StepTime>;
  /** The gradients of the first step by parameter, between the first step and the second. */
  firstGradients(): Promise<ReadonlyMap<string, Float32Array>>;
  /** Runs one product of 1024×1024 matrices, the second of two: the limit of the machine as far as it is reached. */
  product(): Promise<Duration>;
  dispose(): Promise<void>;
}

/** Learning rate of all steps. */
export const LEARNING_RATE = 1e-4;

/** β₁ of AdamW by default. */
const DEFAULT_BETA = 0.9;

/** Where training starts, and how its batches are shared. */
export interface TrainingStart {
  readonly parameters: NamedArrays;
  readonly batch: NamedArrays;
  /** Threads that share a batch; default 1: the whole step as one program of the engine. */
  readonly replicas?: number;
}

/** Makes a network's training step ready on an engine; the state stays where it computes. */
export async function engineTrainer(engine: Engine, network: BenchNetwork, start: TrainingStart): Promise<Trainer> {
  const { step } = network;
  const product = await largeProduct(engine);
  const first = new Map(
    step.state.map(({ name, shape, parameter, initial }) => [
      name,
      initial === 'zeros' ? new Float32Array(sizeOf(shape)) : start.parameters.get(parameter.name)!.data.slice(),
    ]),
  );
  const program = await programFor({ engine, step }, first, { replicas: start.replicas ?? 1, accumulation: 1 });
  const inputs = Object.fromEntries([...start.batch].map(([name, { data }]) => [name, data.slice()]));
  const batch = { inputs, images: network.batchSize };
  let steps = 0;

  async function run(): Promise<StepTime> {
    steps += 1;
    const stop = startClock();
    const done = await program.run(batch, { learning_rate: LEARNING_RATE, ...step.optimizer.scalars(steps) });
    const { loss } = 'later' in done ? await done.later : done;
    return { ...stop(), loss };
  }

  /** AdamW's mean of gradients, m = (1 − β₁)·g after one step from zero. */
  async function firstGradients(): Promise<ReadonlyMap<string, Float32Array>> {
    const state = await program.read();
    const share = 1 - DEFAULT_BETA;
    return new Map(
      step.state.flatMap(({ name, parameter }) =>
        name.startsWith('m/') ? [[parameter.name, state.get(name)!.map((value) => value / share)] as const] : [],
      ),
    );
  }

  return {
    step: run,
    firstGradients,
    product: () => product.run(),
    dispose: async () => {
      await Promise.all([program.dispose(), product.dispose()]);
    },
  };
}
