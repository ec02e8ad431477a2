import type { ParameterSpec, Value } from '@lascaux/nn';

/** One parameter inside the traced step, as an update rule gets it. */
export interface UpdateContext {
  readonly spec: ParameterSpec;
  readonly parameter: Value;
  /** ∂loss/∂parameter, before clipping. */
  readonly gradient: Value;
  /** The factor, a scalar, that global-norm clipping asks for; undefined when nothing is clipped. */
  readonly gradientScale: Value | undefined;
  /** The slots that `init` declared. */
  readonly state: Readonly<Record<string, Value>>;
  /** `learning_rate` and the optimiser's own scalars. */
  readonly scalars: Readonly<Record<string, Value>>;
}

/** New values of a parameter and of its slots. */
export interface Updated {
  readonly parameter: Value;
  readonly state: Readonly<Record<string, Value>>;
}

/** An update rule as pure functions: what it remembers of a parameter, and how one step changes both. */
export interface Optimizer {
  readonly name: string;
  /** Slots kept for a parameter, with their shapes; all start at zero. */
  init(spec: ParameterSpec): Readonly<Record<string, readonly number[]>>;
  /** Records the update of one parameter in the program of the step. */
  update(context: UpdateContext): Updated;
  /**
   * Parameters with the same key are updated alike and element by element, with slots of their own shape, so that many small ones can be
   * joined into one vector; undefined (also where this is missing): each needs an update of its own.
   */
  group?(spec: ParameterSpec): string | undefined;
  /** Scalar inputs of step `step` (1 for the first) beside the learning rate. */
  scalars(step: number): Readonly<Record<string, number>>;
}
