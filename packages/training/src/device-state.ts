import { LascauxError, check, sizeOf } from '@lascaux/nn';
import type { DeviceTensor, DeviceTensors, Engine } from '@lascaux/nn';
import { outputName } from './step-names.js';
import type { TrainingStep } from './training-step.js';

/** The state of a run as plain arrays, by state name (`param/NAME`, `m/NAME`, `ema/NAME` …), frozen parameters included. */
export type HostState = ReadonlyMap<string, Float32Array>;

/** The state before the first step: parameters as given, averages equal to them, slots at zero. */
export function firstState(step: TrainingStep, parameters: ReadonlyMap<string, Float32Array>): HostState {
  const valueOf = (name: string): Float32Array => {
    const value = parameters.get(name);
    if (value === undefined)
      throw new LascauxError({ operation: 'train', rule: 'a parameter has no first value', value: name });
    return value;
  };
  const state = new Map<string, Float32Array>();
  for (const { name, shape, parameter, initial } of step.state)
    state.set(name, initial === 'zeros' ? new Float32Array(sizeOf(shape)) : valueOf(parameter.name));
  for (const { name } of step.frozen) state.set(`param/${name}`, valueOf(name));
  return state;
}

/** The state of a run where the engine computes, in two buffers: one is read while the other is written. */
export interface DeviceState {
  /** Inputs of the next step. */
  readonly inputs: DeviceTensors;
  /** Hands over tensors whose memory the next step may overwrite, if there are any. */
  recycle(): DeviceTensors | undefined;
  /** Takes the new state out of a step's outputs. */
  advance(outputs: DeviceTensors): void;
  /** The weights for evaluation by parameter name: the running average where there is one. */
  weights(): DeviceTensors;
  /** Every tensor as a plain array; valid until the next step. */
  read(): Promise<HostState>;
  dispose(): void;
}

/** Puts the state on the device. @throws {LascauxError} when a tensor is missing or has the wrong size */
export function deviceState(engine: Engine, step: TrainingStep, first: HostState): DeviceState {
  const upload = (name: string, shape: readonly number[]): DeviceTensor => {
    const data = first.get(name);
    check(data?.length === sizeOf(shape), {
      operation: `state ${name}`,
      rule: `needs ${sizeOf(shape)} elements`,
      value: data?.length,
    });
    return engine.upload(data, shape);
  };
  const frozen = Object.fromEntries(
    step.frozen.map(({ name, shape }) => [`param/${name}`, upload(`param/${name}`, shape)]),
  );
  let current: DeviceTensors = Object.fromEntries(step.state.map(({ name, shape }) => [name, upload(name, shape)]));
  let spare: DeviceTensors | undefined;
  let isUploaded = true;

  function advance(outputs: DeviceTensors): void {
    // Uploaded memory may be the caller's own array: it is let go instead of overwritten.
    if (isUploaded) disposeAll(current);
    else spare = current;
    isUploaded = false;
    current = Object.fromEntries(step.state.map(({ name }) => [name, outputs[outputName(name)] as DeviceTensor]));
  }

  return {
    get inputs() {
      return { ...frozen, ...current };
    },
    recycle: () => {
      const taken = spare;
      spare = undefined;
      return taken && Object.fromEntries(Object.entries(taken).map(([name, tensor]) => [outputName(name), tensor]));
    },
    advance,
    weights: () => weightsOf(step, { ...frozen, ...current }),
    read: async () => {
      const entries = Object.entries({ ...frozen, ...current });
      return new Map(
        await Promise.all(
          entries.map(async ([name, tensor]) => [name, (await tensor.read()) as Float32Array] as const),
        ),
      );
    },
    dispose: () => {
      for (const tensors of [frozen, current, spare ?? {}]) disposeAll(tensors);
    },
  };
}

function weightsOf(step: TrainingStep, tensors: DeviceTensors): DeviceTensors {
  const isTrained = new Set(step.state.map(({ parameter }) => parameter.name));
  return Object.fromEntries(
    step.parameters.map(({ name }) => [
      name,
      tensors[`${step.hasEma && isTrained.has(name) ? 'ema' : 'param'}/${name}`] as DeviceTensor,
    ]),
  );
}

/** Frees tensors. */
export function disposeAll(tensors: DeviceTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
