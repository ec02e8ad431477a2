import { LascauxError, ProgramBuilder, check, gradients, ops, rootScope, sizeOf } from '@lascaux/nn';
import type { InputTypes, ParameterSpec, Program, Shape } from '@lascaux/nn';
import { joined } from './joined-parameters.js';
import { asMatrix, isHiddenMatrix } from './parameter-rules.js';
import type { StateSpec } from './parameter-update.js';
import { updated } from './parameter-update.js';
import type { TrainingStepOptions } from './training-step-options.js';
import { outputName, scalarNames } from './step-names.js';

/** The update of some of the parameters, by one replica. */
export interface UpdatePart {
  /** Inputs: the state of these parameters, `gradient/NAME`, the scalars and `gradient_scale`; outputs: the new state behind `next/`. */
  readonly program: Program;
  readonly parameters: readonly ParameterSpec[];
  readonly state: readonly StateSpec[];
}

/** An optimisation step as two programs, between which gradients are averaged over replicas. */
export interface SplitStep {
  /** Inputs: `param/NAME` and a share of the batch; outputs: `gradient/NAME`, `loss`, `metric/NAME`. */
  readonly gradients: Program;
  /** One for each replica; together they update every trained parameter once. */
  readonly updates: readonly UpdatePart[];
  /** The inputs of one share of a batch. */
  readonly share: InputTypes;
}

/** Where a replica finds and leaves the gradient of a parameter. */
export const gradientName = (parameter: string): string => `gradient/${parameter}`;

/** The first axis, the batch, divided into shares. */
function shareOf(inputs: InputTypes, shares: number): InputTypes {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, ...rest }]) => {
      const [batch, ...others] = shape;
      check(typeof batch === 'number' && batch % shares === 0, {
        operation: 'replicas',
        rule: `the batch must be a multiple of ${shares}`,
        value: batch,
        kind: 'usage',
      });
      return [name, { shape: [batch / shares, ...others] as Shape, ...rest }];
    }),
  );
}

function traceGradients<Types extends InputTypes>(
  options: TrainingStepOptions<Types>,
  share: InputTypes,
): { readonly program: Program; readonly trained: readonly ParameterSpec[] } {
  const { loss: traceLoss, frozen = () => false } = options;
  const builder = new ProgramBuilder();
  const batch = Object.fromEntries(Object.entries(share).map(([name, type]) => [name, builder.input(name, type)]));
  const { scope, parameters } = rootScope(builder, 'param/');
  const { loss, metrics = {} } = traceLoss(scope, batch as never);
  const trained = [...parameters.values()].filter(({ spec }) => !frozen(spec.name));
  const slopes = gradients(
    loss,
    trained.map(({ value }) => value),
  );
  const outputs = {
    loss: ops.reshape(loss, []),
    ...Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`metric/${name}`, ops.reshape(value, [])])),
    ...Object.fromEntries(trained.map(({ spec }, i) => [gradientName(spec.name), slopes[i]!])),
  };
  return { program: builder.finish(outputs), trained: trained.map(({ spec }) => spec) };
}

/** About how long an update takes: matrices that are made orthogonal cost their smaller side more. */
function costOf({ name, shape, initializer }: ParameterSpec): number {
  const size = sizeOf(shape);
  return isHiddenMatrix({ name, shape, initializer }) ? size * (8 + Math.min(...asMatrix(shape))) : size * 8;
}

/** The parameters dealt out so that all replicas have about as much to do: the costliest first, each to whoever has least. */
function dealtOut(specs: readonly ParameterSpec[], replicas: number): readonly (readonly ParameterSpec[])[] {
  const hands = Array.from({ length: replicas }, () => ({ cost: 0, specs: [] as ParameterSpec[] }));
  for (const spec of [...specs].sort((a, b) => costOf(b) - costOf(a))) {
    const least = hands.reduce((best, hand) => (hand.cost < best.cost ? hand : best));
    least.cost += costOf(spec);
    least.specs.push(spec);
  }
  const order = new Map(specs.map(({ name }, i) => [name, i]));
  return hands.map((hand) => hand.specs.sort((a, b) => order.get(a.name)! - order.get(b.name)!));
}

function traceUpdate<Types extends InputTypes>(
  { optimizer, ema = true, clip }: TrainingStepOptions<Types>,
  specs: readonly ParameterSpec[],
): UpdatePart {
  const builder = new ProgramBuilder();
  const { scope } = rootScope(builder, 'param/');
  const scalars = Object.fromEntries(
    scalarNames(optimizer, ema).map((name) => [name, builder.input(name, { shape: [] })]),
  );
  const gradientScale = clip === undefined ? undefined : builder.input('gradient_scale', { shape: [] });
  const trained = specs.map((spec) => ({
    spec,
    value: scope.parameter(spec.name, spec.shape, spec.initializer),
    gradient: builder.input(gradientName(spec.name), { shape: spec.shape }),
  }));
  const state = joined(trained, optimizer).flatMap((vector) =>
    updated(vector, { gradientScale, scalars, optimizer, ema }),
  );
  const outputs = Object.fromEntries(state.map(({ spec, next }) => [outputName(spec.name), next]));
  return { program: builder.finish(outputs), parameters: specs, state: state.map(({ spec }) => spec) };
}

/** How a batch is shared out. */
export interface Sharing {
  /** Threads that compute at the same time. */
  readonly replicas: number;
  /** Shares that each of them takes one after another, for batches that do not fit into memory at once. */
  readonly accumulation: number;
}

/**
 * Traces a step for shares of a batch. The loss must be a mean over the batch, the first axis of every input, so that the mean of the shares'
 * gradients is the batch's.
 * @throws {LascauxError} when the batch cannot be divided, or there are more replicas than parameters
 */
export function traceSplitStep<Types extends InputTypes>(
  options: TrainingStepOptions<Types>,
  { replicas, accumulation }: Sharing,
): SplitStep {
  const share = shareOf(options.inputs, replicas * accumulation);
  const { program, trained } = traceGradients(options, share);
  if (trained.length < replicas)
    throw new LascauxError({
      operation: 'replicas',
      rule: `there must not be more than the ${trained.length} trained parameters`,
      value: replicas,
      kind: 'usage',
    });
  return {
    gradients: program,
    updates: dealtOut(trained, replicas).map((specs) => traceUpdate(options, specs)),
    share,
  };
}
