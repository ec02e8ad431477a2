import type { SafetensorsTensor } from '@lascaux/nn';

export type Tensors = Readonly<Record<string, SafetensorsTensor>>;

/** Several tensors of equal element type below one another, as original checkpoints hold queries, keys and values. */
export function stacked(tensors: readonly SafetensorsTensor[]): SafetensorsTensor {
  const [first] = tensors as [SafetensorsTensor];
  const rows = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const data = first.data.slice(0, 0);
  const all = new (data.constructor as Uint16ArrayConstructor)(
    tensors.reduce((sum, tensor) => sum + tensor.data.length, 0),
  );
  let at = 0;
  for (const { data: part } of tensors) {
    all.set(part as Uint16Array, at);
    at += part.length;
  }
  return { dtype: first.dtype, shape: [rows, ...first.shape.slice(1)], data: all };
}

/** The second half of the rows first. */
export function halvesSwapped(tensor: SafetensorsTensor): SafetensorsTensor {
  const half = tensor.data.length / 2;
  const data = tensor.data.slice() as Uint16Array;
  data.set(tensor.data.slice(half) as Uint16Array, 0);
  data.set(tensor.data.slice(0, half) as Uint16Array, half);
  return { ...tensor, data };
}

/** A matrix with rows and columns changed. */
export function turned(tensor: SafetensorsTensor): SafetensorsTensor {
  const [rows, columns] = tensor.shape as [number, number];
  const data = tensor.data.slice() as Uint16Array;
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < columns; k++) data[k * rows + i] = tensor.data[i * columns + k] as number;
  return { ...tensor, shape: [columns, rows], data };
}
