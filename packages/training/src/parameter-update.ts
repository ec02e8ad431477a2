import { LascauxError, ops } from '@lascaux/nn';
import type { ParameterSpec, Value } from '@lascaux/nn';
import type { Optimizer, UpdateContext } from './optimizer.js';

const { add, mul, sub } = ops;

/** A tensor that a step reads and writes anew: a parameter, a slot of the optimiser, or a running average. */
export interface StateSpec {
  /** Input of the program, e.g. `param/conv_in.weight`, `m/conv_in.weight`, `ema/conv_in.weight`; its new value is the output `outputName(name)`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly parameter: ParameterSpec;
  /** Where it starts: at the parameter's first value, or at zero. */
  readonly initial: 'parameter' | 'zeros';
}

/** A tensor of the state with its new value in the program. */
export interface NextState {
  readonly spec: StateSpec;
  readonly next: Value;
}

type ParameterContext = Omit<UpdateContext, 'state' | 'parameter'> & {
  readonly value: Value;
  readonly optimizer: Optimizer;
  readonly ema: boolean;
};

/** Records the update of one parameter with everything that belongs to it: the new values of itself, its slots and its running average. */
export function updated({ value, optimizer, ema, ...context }: ParameterContext): readonly NextState[] {
  const { spec: parameter, scalars } = context;
  const input = (prefix: string, shape: readonly number[]): Value =>
    value.builder.input(`${prefix}/${parameter.name}`, { shape });
  const specOf = (prefix: string, shape: readonly number[]): StateSpec => ({
    name: `${prefix}/${parameter.name}`,
    shape,
    parameter,
    initial: ['param', 'ema'].includes(prefix) ? 'parameter' : 'zeros',
  });
  const slots = Object.entries(optimizer.init(parameter));
  const state = Object.fromEntries(slots.map(([slot, shape]) => [slot, input(slot, shape)]));
  const after = optimizer.update({ ...context, parameter: value, state });
  return [
    { spec: specOf('param', parameter.shape), next: after.parameter },
    ...slots.map(([slot, shape]) => ({
      spec: specOf(slot, shape),
      next: required(after.state[slot], `${optimizer.name}: ${slot}`),
    })),
    ...(ema
      ? [
          {
            spec: specOf('ema', parameter.shape),
            next: average(input('ema', parameter.shape), after.parameter, required(scalars.ema_decay, 'ema_decay')),
          },
        ]
      : []),
  ];
}

function required(value: Value | undefined, name: string): Value {
  if (value === undefined)
    throw new LascauxError({ operation: 'traceTrainingStep', rule: 'a value is missing', value: name });
  return value;
}

/** d·average + (1 − d)·value */
const average = (sofar: Value, value: Value, decay: Value): Value => add(mul(sofar, decay), mul(value, sub(1, decay)));
