import { LascauxError, type TensorFacts } from '@lascaux/nn';

/** Tensors of a checkpoint by name. */
export type Entries = ReadonlyMap<string, TensorFacts>;

/** The tensors whose names begin with a prefix, without it. */
export const under = (entries: Entries, prefix: string): Entries =>
  new Map(
    [...entries].flatMap(([name, facts]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), facts]] : [])),
  );

/** One size of a tensor's shape. @throws {LascauxError} naming the tensor that is not there or has fewer axes */
export function sizeAt(entries: Entries, name: string, axis: number): number {
  const size = entries.get(name)?.shape[axis];
  if (size === undefined)
    throw new LascauxError({ operation: 'checkpoint', rule: 'lacks a tensor that its network must have', value: name });
  return size;
}

/** How many numbers 0, 1, 2 … in the place of `*` begin some tensor's name. */
export function countOf(entries: Entries, pattern: string): number {
  const names = [...entries.keys()];
  let count = 0;
  while (names.some((name) => name.startsWith(pattern.replace('*', String(count))))) count += 1;
  return count;
}

/** Whether some tensor's name begins so. */
export const has = (entries: Entries, prefix: string): boolean =>
  [...entries.keys()].some((name) => name.startsWith(prefix));
