import { ProgramBuilder, check, gradients, ops, rootScope } from '@lascaux/nn';
import type { InputTypes, ParameterSpec, Program, Value } from '@lascaux/nn';
import type { Optimizer } from './optimizer.js';
import { outputName, scalarNames } from './step-names.js';
import type { Sharing, SplitStep } from './split-step.js';
import { traceSplitStep } from './split-step.js';
import { joined } from './joined-parameters.js';
import { updated } from './parameter-update.js';
import type { TrainingStepOptions } from './training-step-options.js';
import type { NextState, StateSpec } from './parameter-update.js';

const { add, concat, div, greater, mul, reshape, sqrt, square, sub, sum } = ops;

/** One optimisation step as a pure program: (state, batch, scalars) → (state, loss, metrics, gradient_norm). */
export interface TrainingStep {
  readonly program: Program;
  /** Every parameter the loss asked for, frozen ones too. */
  readonly parameters: readonly ParameterSpec[];
  /** What changes from step to step. */
  readonly state: readonly StateSpec[];
  /** The parameters that stay as they are: inputs `param/NAME` without an output. */
  readonly frozen: readonly ParameterSpec[];
  /** The inputs that a batch must bring. */
  readonly batch: InputTypes;
  /** Names of the reported values; outputs `metric/NAME`. */
  readonly metrics: readonly string[];
  readonly hasEma: boolean;
  readonly optimizer: Optimizer;
  /** The largest norm of all gradients together; undefined where nothing is clipped. */
  readonly clip: number | undefined;
  /** The same step for equal shares of the batch. @throws {LascauxError} when the batch cannot be divided */
  split(sharing: Sharing): SplitStep;
}

/**
 * Traces a whole optimisation step (loss, gradients, global-norm clipping, update, running average) into one program.
 *
 * Inputs: `param/NAME`, the optimiser's `SLOT/NAME`, `ema/NAME`, the batch, and the scalars `learning_rate`, `ema_decay` and the
 * optimiser's own. Outputs: the new state under the same names behind `next/`, `loss`, `gradient_norm` (before clipping; not finite when any gradient
 * is not), `metric/NAME`.
 * Why: docs/decisions/0043.
 * @throws {LascauxError} when the loss has no parameter to train, or more than one element
 */
export function traceTrainingStep<Types extends InputTypes>(options: TrainingStepOptions<Types>): TrainingStep {
  const { optimizer, ema = true, clip, frozen = () => false } = options;
  check(clip === undefined || clip > 0, {
    operation: 'traceTrainingStep',
    rule: 'clip must be above 0',
    value: clip,
    kind: 'usage',
  });
  const builder = new ProgramBuilder();
  const batch = Object.fromEntries(
    Object.entries(options.inputs).map(([name, type]) => [name, builder.input(name, type)]),
  );
  const { scope, parameters } = rootScope(builder, 'param/');
  const { loss, metrics = {} } = options.loss(scope, batch as { [Name in keyof Types]: Value });
  const all = [...parameters.values()];
  const trained = all.filter(({ spec }) => !frozen(spec.name));
  check(trained.length > 0, {
    operation: 'traceTrainingStep',
    rule: 'the loss needs at least one parameter that is not frozen',
    value: all.length,
  });

  const scalars = Object.fromEntries(
    scalarNames(optimizer, ema).map((name) => [name, builder.input(name, { shape: [] })]),
  );
  const slopes = gradients(
    loss,
    trained.map(({ value }) => value),
  );
  const vectors = joined(
    trained.map((one, i) => ({ ...one, gradient: slopes[i]! })),
    optimizer,
  );
  const norm = globalNorm(vectors.map(({ gradient }) => gradient));
  const gradientScale = clip === undefined ? undefined : clippingFactor(norm, clip);
  const updates = vectors.flatMap((vector) => updated(vector, { gradientScale, scalars, optimizer, ema }));
  const order = new Map(trained.map(({ spec }, i) => [spec.name, i]));
  const place = ({ spec: { parameter } }: NextState): number => order.get(parameter.name)!;
  const state = updates.sort((a, b) => place(a) - place(b));

  const outputs: Record<string, Value> = { loss: reshape(loss, []), gradient_norm: norm };
  for (const { spec, next } of state) outputs[outputName(spec.name)] = next;
  for (const [name, value] of Object.entries(metrics)) outputs[`metric/${name}`] = reshape(value, []);
  return {
    program: builder.finish(outputs),
    parameters: all.map(({ spec }) => spec),
    state: state.map(({ spec }) => spec),
    frozen: all.filter(({ spec }) => frozen(spec.name)).map(({ spec }) => spec),
    batch: options.inputs,
    metrics: Object.keys(metrics),
    hasEma: ema,
    optimizer,
    clip,
    split: (sharing) => traceSplitStep(options, sharing),
  };
}

/** √(Σ g²) over all gradients, a scalar. */
function globalNorm(slopes: readonly Value[]): Value {
  const squares = slopes.map((slope) => reshape(sum(square(slope)), [1]));
  return reshape(sqrt(sum(concat(squares, 0))), []);
}

/** min(1, clip / norm), as clip / max(norm, clip), which is not finite when the norm is not. */
function clippingFactor(norm: Value, clip: number): Value {
  const isAbove = greater(norm, clip);
  return div(clip, add(mul(norm, isAbove), mul(sub(1, isAbove), clip)));
}
