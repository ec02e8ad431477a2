import * as ops from '../program/ops.js';
import type { Initializer, Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { normal } from './initializers.js';

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** Rows of the table. */
  readonly count: number;
  /** Length of a row. */
  readonly width: number;
  /** Default standard normal, as in PyTorch. */
  readonly initializer?: Initializer;
}

/** Rows of the parameter `weight` [count, width] at integer indices [...] → [..., width] (torch.nn.Embedding). */
export const embedding = (scope: Scope, indices: Value, { count, width, initializer }: EmbeddingOptions): Value =>
  ops.gather(scope.parameter('weight', [count, width], initializer ?? normal(1)), indices);
