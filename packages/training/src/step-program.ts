import type { DeviceTensors, Engine } from '@lascaux/nn';
import type { TrainingBatch } from './batches.js';
import { deviceState, disposeAll, type HostState } from './device-state.js';
import type { TrainingStep } from './training-step.js';

/** Loss, gradient norm and metrics of a step. */
export interface StepNumbers {
  readonly loss: number;
  /** √(Σ g²) before clipping. */
  readonly gradientNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A training step made ready to run, with the state that it changes. */
export interface StepProgram {
  /**
   * Runs one step.
   * @returns its numbers: at once, or a promise of them where they still travel while the next step may begin
   */
  run(
    batch: TrainingBatch,
    scalars: Readonly<Record<string, number>>,
  ): Promise<StepNumbers | { readonly later: Promise<StepNumbers> }>;
  /** The whole state as plain arrays. */
  read(): Promise<HostState>;
  /** By parameter name: the running average where there is one. On the engine's device; valid until the next step. */
  weights(): Promise<DeviceTensors>;
  dispose(): Promise<void>;
}

/** The step as one program on one device. */
export async function wholeProgram(engine: Engine, step: TrainingStep, first: HostState): Promise<StepProgram> {
  const executable = await engine.compile(step.program);
  const state = deviceState(engine, step, first);
  const reported = ['loss', 'gradient_norm', ...step.metrics.map((name) => `metric/${name}`)];

  function upload(batch: TrainingBatch, scalars: Readonly<Record<string, number>>): DeviceTensors {
    const arrays = Object.entries(step.batch).map(
      ([name, { shape }]) => [name, engine.upload(batch.inputs[name]!, shape as readonly number[])] as const,
    );
    const numbers = Object.entries(scalars).map(
      ([name, value]) => [name, engine.upload(Float32Array.of(value), [])] as const,
    );
    return Object.fromEntries([...arrays, ...numbers]);
  }

  async function read(outputs: DeviceTensors): Promise<StepNumbers> {
    const values = new Map(
      await Promise.all(
        reported.map(async (name) => {
          const value = Number((await outputs[name]?.read())?.[0]);
          outputs[name]?.dispose();
          return [name, value] as const;
        }),
      ),
    );
    return {
      loss: values.get('loss')!,
      gradientNorm: values.get('gradient_norm')!,
      metrics: Object.fromEntries(step.metrics.map((name) => [name, values.get(`metric/${name}`)!])),
    };
  }

  return {
    run: async (batch, scalars) => {
      const inputs = upload(batch, scalars);
      const outputs = await executable.run({ ...state.inputs, ...inputs }, state.recycle());
      disposeAll(inputs);
      state.advance(outputs);
      return { later: read(outputs) };
    },
    read: () => state.read(),
    weights: () => Promise.resolve(state.weights()),
    dispose: async () => {
      state.dispose();
      await executable.dispose();
    },
  };
}
