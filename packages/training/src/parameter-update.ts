import { LascauxError, ops } from '@lascaux/nn';
import type { ParameterSpec, Value } from '@lascaux/nn';
import type { JoinedParameters } from './joined-parameters.js';
import type { Optimizer } from './optimizer.js';

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

/** Options of `updated`. */
export interface UpdateOptions {
  readonly gradientScale: Value | undefined;
  readonly scalars: Readonly<Record<string, Value>>;
  readonly optimizer: Optimizer;
  readonly ema: boolean;
}

/** Records the update of parameters with everything that belongs to them: the new values of themselves, their slots and running averages. */
export function updated(joined: JoinedParameters, options: UpdateOptions): readonly NextState[] {
  const { members, value, gradient } = joined;
  const { gradientScale, scalars, optimizer, ema } = options;
  const spec = members[0] as ParameterSpec;
  const shapes = members.map((member) => optimizer.init(member));
  const stateOf = (prefix: string, index: number): StateSpec => {
    const parameter = members[index] as ParameterSpec;
    const initial = ['param', 'ema'].includes(prefix) ? 'parameter' : 'zeros';
    const shape = initial === 'parameter' ? parameter.shape : (shapes[index]?.[prefix] ?? []);
    return { name: `${prefix}/${parameter.name}`, shape, parameter, initial };
  };
  const before = (prefix: string): Value =>
    joined.join(
      members.map((_, index) => {
        const { name, shape } = stateOf(prefix, index);
        return value.builder.input(name, { shape });
      }),
    );
  const after = (prefix: string, whole: Value): readonly NextState[] =>
    joined.cut(whole).map((next, index) => ({ spec: stateOf(prefix, index), next }));

  const slots = Object.keys(optimizer.init(spec));
  const state = Object.fromEntries(slots.map((slot) => [slot, before(slot)]));
  const next = optimizer.update({ spec, parameter: value, gradient, gradientScale, state, scalars });
  return [
    ...after('param', next.parameter),
    ...slots.flatMap((slot) => after(slot, required(next.state[slot], `${optimizer.name}: ${slot}`))),
    ...(ema ? after('ema', average(before('ema'), next.parameter, required(scalars.ema_decay, 'ema_decay'))) : []),
  ];
}

function required(value: Value | undefined, name: string): Value {
  if (value === undefined)
    throw new LascauxError({ operation: 'traceTrainingStep', rule: 'a value is missing', value: name });
  return value;
}

/** d·average + (1 − d)·value */
const average = (sofar: Value, value: Value, decay: Value): Value => add(mul(sofar, decay), mul(value, sub(1, decay)));
