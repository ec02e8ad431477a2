import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tfjs } from './backends.js';
import type { Emission } from './call.js';

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** The matrices of an operand as [B, rows, columns], repeated until there is one for every product. */
function stacked(tf: Tfjs, x: Tensor, batch: readonly number[]): Tensor {
  const matrix = x.shape.slice(-2);
  const count = sizeOf(x.shape.slice(0, -2));
  // One matrix for all is repeated by the kernel itself.
  if (count === sizeOf(batch) || count === 1) return tf.reshape(x, [count, ...matrix]);
  return tf.reshape(tf.broadcastTo(x, [...batch, ...matrix]), [-1, ...matrix]);
}

/**
 * tfjs multiplies stacks of matrices, but pairs them wrongly when both operands broadcast along different axes; so the operands are
 * brought to three axes first, and one matrix for a whole batch becomes a single product of all rows.
 */
export const runMatrixProduct: Emission<'matmul'> = (tf, { x, y, shape }) => {
  const inner = x.shape.at(-1) as number;
  const [rows, columns] = shape.slice(-2) as [number, number];
  const batch = shape.slice(0, -2);
  const isOneMatrix = sizeOf(y.shape.slice(0, -2)) === 1;
  if (isOneMatrix && sizeOf(x.shape.slice(0, -2)) === sizeOf(batch))
    return tf.reshape(tf.matMul(tf.reshape(x, [sizeOf(batch) * rows, inner]), tf.reshape(y, [inner, columns])), [
      ...shape,
    ]);
  return tf.reshape(tf.matMul(stacked(tf, x, batch), stacked(tf, y, batch)), [...shape]);
};
