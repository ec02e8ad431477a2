import { check, LascauxError, type TensorFacts } from '@lascaux/nn';

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

/** Blocks of one kind in a network: the deepest known has 57. */
const MOST_BLOCKS = 512;

/**
 * How many numbers 0, 1, 2 … in the place of `*` begin some tensor's name.
 * @throws {LascauxError} when there are unreasonably many
 */
export function countOf(entries: Entries, pattern: string): number {
  const [before = '', after = ''] = pattern.split('*');
  const numbers = new Set<number>();
  for (const name of entries.keys()) {
    if (!name.startsWith(before)) continue;
    const number = /^\d+/.exec(name.slice(before.length, before.length + 6))?.[0];
    if (number !== undefined && name.startsWith(after, before.length + number.length)) numbers.add(Number(number));
  }
  let count = 0;
  while (numbers.has(count)) count += 1;
  check(count <= MOST_BLOCKS, {
    operation: 'checkpoint',
    rule: `a network may have ${MOST_BLOCKS} blocks of a kind`,
    value: `${count} of ${pattern}`,
  });
  return count;
}

/** Whether some tensor's name begins so. */
export const has = (entries: Entries, prefix: string): boolean =>
  [...entries.keys()].some((name) => name.startsWith(prefix));
