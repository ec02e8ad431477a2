/** The few smallest values that were offered to each row. */
export interface SmallestValues {
  /** Takes a value in where it is among the row's smallest. */
  offer(row: number, value: number): void;
  /** The k-th smallest of each row, from 1; infinity where fewer were offered. */
  kth(k: number): Float64Array;
}

/** Keeps the `count` smallest values of each row, in order. */
export function smallestValues(rows: number, count: number): SmallestValues {
  const kept = new Float64Array(rows * count).fill(Infinity);
  return {
    offer(row, value) {
      const first = row * count;
      let at = first + count - 1;
      if (!(value < kept[at]!)) return;
      for (; at > first && kept[at - 1]! > value; at--) kept[at] = kept[at - 1]!;
      kept[at] = value;
    },
    kth: (k) => Float64Array.from({ length: rows }, (_, row) => kept[row * count + k - 1]!),
  };
}
