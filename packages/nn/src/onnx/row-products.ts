import { Tensor } from 'onnxruntime-node';
import { encodeModel } from './model.js';
import { openSession, type SessionOptions } from './session.js';

/** Values that are multiplied as they are: in 32 or in 64 bits. */
type Values = Float32Array | Float64Array;

/** Scalar products of rows, on all threads of ONNX Runtime. */
export interface RowProducts {
  /** a·bᵀ for row-major a (rows×columns) and b (others×columns): rows×others. Both must be of the precision it was opened for. */
  multiply<Data extends Values>(a: Data, b: Data, columns: number): Promise<Data>;
  /** Releases native memory. */
  dispose(): Promise<void>;
}

/**
 * Opens a product of matrices on the CPU.
 * @param options.dtype of the factors and of the sums
 */
export async function openRowProducts(
  options: { dtype: 'float32' | 'float64' } & Pick<SessionOptions, 'threads'>,
): Promise<RowProducts> {
  const { dtype, threads } = options;
  const matrix = (name: string, rows: string, columns: string) => ({ name, dtype, shape: [rows, columns] });
  const model = encodeModel({
    nodes: [
      { type: 'Transpose', inputs: ['b'], outputs: ['turned'], attributes: { perm: [1, 0] } },
      { type: 'MatMul', inputs: ['a', 'turned'], outputs: ['products'], attributes: {} },
    ],
    initializers: [],
    inputs: [matrix('a', 'rows', 'columns'), matrix('b', 'others', 'columns')],
    outputs: [matrix('products', 'rows', 'others')],
  });
  const session = await openSession(model, { threads });
  const tensor = (data: Values, columns: number) => {
    const dims = [data.length / columns, columns];
    return data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('float64', data, dims);
  };
  return {
    async multiply<Data extends Values>(a: Data, b: Data, columns: number) {
      const { products } = await session.run({ a: tensor(a, columns), b: tensor(b, columns) });
      return products!.data as Data;
    },
    dispose: () => session.release(),
  };
}
