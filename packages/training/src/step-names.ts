import type { Optimizer } from './optimizer.js';

/** The output that holds the new value of a state tensor: ONNX wants inputs and outputs to have names of their own. */
export const outputName = (stateName: string): string => `next/${stateName}`;

/** The scalar inputs of a step. */
export const scalarNames = (optimizer: Optimizer, ema: boolean): readonly string[] => [
  'learning_rate',
  ...Object.keys(optimizer.scalars(1)),
  ...(ema ? ['ema_decay'] : []),
];
