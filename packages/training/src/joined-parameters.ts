import { ops, sizeOf } from '@lascaux/nn';
import type { ParameterSpec, Value } from '@lascaux/nn';
import type { Optimizer } from './optimizer.js';

const { concat, slice } = ops;

/** A parameter inside a training step, with its gradient. */
export interface TrainedParameter {
  readonly spec: ParameterSpec;
  readonly value: Value;
  readonly gradient: Value;
}

/** Parameters that one update covers: a single one in its own shape, or several vectors concatenated. */
export interface JoinedParameters {
  readonly members: readonly ParameterSpec[];
  readonly value: Value;
  readonly gradient: Value;
  /** Puts tensors of the members' shapes together as `value` is. */
  join(parts: readonly Value[]): Value;
  /** Takes them apart again, in the members' order and shapes. */
  cut(whole: Value): readonly Value[];
}

/** Up to this many elements an operator's start costs more than its work, and more than the copies into one vector and back. */
const SMALL = 8192;

/** Only those with one axis: others would need a reshape for every tensor that comes or goes. */
const isSmall = ({ shape }: ParameterSpec): boolean => shape.length === 1 && sizeOf(shape) <= SMALL;

function joinedVector(members: readonly TrainedParameter[]): JoinedParameters {
  const join = (parts: readonly Value[]): Value => concat(parts, 0);
  const cut = (whole: Value): readonly Value[] => {
    let begin = 0;
    return members.map(({ spec }) => {
      const end = begin + sizeOf(spec.shape);
      const part = slice(whole, { axis: 0, begin, end });
      begin = end;
      return part;
    });
  };
  return {
    members: members.map(({ spec }) => spec),
    value: join(members.map(({ value }) => value)),
    gradient: join(members.map(({ gradient }) => gradient)),
    join,
    cut,
  };
}

const single = ({ spec, value, gradient }: TrainedParameter): JoinedParameters => ({
  members: [spec],
  value,
  gradient,
  join: (parts) => parts[0] as Value,
  cut: (whole) => [whole],
});

/** Joins the small parameters of each of the optimiser's groups; a network has hundreds of biases and norms. Why: docs/decisions/0064. */
export function joined(trained: readonly TrainedParameter[], optimizer: Optimizer): readonly JoinedParameters[] {
  const groups = new Map<string, TrainedParameter[]>();
  const alone: TrainedParameter[] = [];
  for (const one of trained) {
    const key = isSmall(one.spec) ? optimizer.group?.(one.spec) : undefined;
    if (key === undefined) alone.push(one);
    else groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const many = [...groups.values()].filter((members) => members.length > 1);
  const few = [...groups.values()].filter((members) => members.length === 1).flat();
  return [...many.map(joinedVector), ...[...alone, ...few].map(single)];
}
