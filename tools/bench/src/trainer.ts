import type { DeviceTensor, DeviceTensors, Engine } from '@lascaux/nn';
import { sizeOf } from '@lascaux/nn';
import { outputName } from '@lascaux/training';
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

/** Where training starts. */
export interface TrainingStart {
  readonly parameters: NamedArrays;
  readonly batch: NamedArrays;
}

function disposeAll(tensors: DeviceTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** Compiles a network's training step on an engine; the state stays where the engine computes. */
export async function engineTrainer(engine: Engine, network: BenchNetwork, start: TrainingStart): Promise<Trainer> {
  const { step } = network;
  const executable = await engine.compile(step.program);
  const product = await largeProduct(engine);
  const uploaded = (arrays: NamedArrays): DeviceTensors =>
    Object.fromEntries([...arrays].map(([name, { data, shape }]) => [name, engine.upload(data.slice(), shape)]));
  const batch = uploaded(start.batch);
  const first = (parameter: string, initial: string, shape: readonly number[]): Float32Array =>
    initial === 'zeros' ? new Float32Array(sizeOf(shape)) : start.parameters.get(parameter)!.data.slice();
  let state: DeviceTensors = Object.fromEntries(
    step.state.map(({ name, shape, parameter, initial }) => [
      name,
      engine.upload(first(parameter.name, initial, shape), shape),
    ]),
  );
  let spare: DeviceTensors | undefined;
  let steps = 0;

  /** The new state moves in; the old one's memory is for the next step. */
  function advance(outputs: DeviceTensors): void {
    if (steps === 1) disposeAll(state);
    else spare = Object.fromEntries(Object.entries(state).map(([name, tensor]) => [outputName(name), tensor]));
    state = Object.fromEntries(step.state.map(({ name }) => [name, outputs[outputName(name)] as DeviceTensor]));
  }

  async function run(): Promise<StepTime> {
    steps += 1;
    const scalars = { learning_rate: LEARNING_RATE, ...step.optimizer.scalars(steps) };
    const numbers = Object.fromEntries(
      Object.entries(scalars).map(([name, value]) => [name, engine.upload(Float32Array.of(value), [])]),
    );
    const recycled = spare;
    spare = undefined;
    const stop = startClock();
    const outputs = await executable.run({ ...state, ...batch, ...numbers }, recycled);
    const loss = Number((await outputs.loss!.read())[0]);
    const duration = stop();
    advance(outputs);
    disposeAll(numbers);
    for (const name of ['loss', 'gradient_norm', ...step.metrics.map((metric) => `metric/${metric}`)])
      outputs[name]?.dispose();
    return { ...duration, loss };
  }

  /** AdamW's mean of gradients, m = (1 − β₁)·g after one step from zero. */
  async function firstGradients(): Promise<ReadonlyMap<string, Float32Array>> {
    const means = step.state.filter(({ name }) => name.startsWith('m/'));
    const share = 1 - DEFAULT_BETA;
    return new Map(
      await Promise.all(
        means.map(async ({ name, parameter }) => {
          const mean = (await state[name]!.read()) as Float32Array;
          return [parameter.name, mean.map((value) => value / share)] as const;
        }),
      ),
    );
  }

  return {
    step: run,
    firstGradients,
    product: () => product.run(),
    dispose: async () => {
      for (const tensors of [batch, state, spare ?? {}]) disposeAll(tensors);
      await Promise.all([executable.dispose(), product.dispose()]);
    },
  };
}
