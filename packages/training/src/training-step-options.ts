import type { InputTypes, Scope, Value } from '@lascaux/nn';
import type { Optimizer } from './optimizer.js';

/** What a traced loss returns: one number to minimise, and numbers to report. */
export interface TracedLoss {
  /** A value with one element. */
  readonly loss: Value;
  /** Values with one element each, by name. */
  readonly metrics?: Readonly<Record<string, Value>>;
}

/** What `traceTrainingStep` needs. */
export interface TrainingStepOptions<Types extends InputTypes> {
  /** The tensors of one batch; all axes must have sizes. */
  readonly inputs: Types;
  readonly loss: (scope: Scope, inputs: { readonly [Name in keyof Types]: Value }) => TracedLoss;
  readonly optimizer: Optimizer;
  /** Keep a running average of the parameters; default true. */
  readonly ema?: boolean;
  /** The largest norm of all gradients together; default: no clipping. */
  readonly clip?: number;
  /** Parameters that are not trained. */
  readonly frozen?: (name: string) => boolean;
}
