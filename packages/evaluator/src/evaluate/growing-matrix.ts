import type { FeatureMatrix } from '../index.js';

/** Rows that are put in place as they come; room is made beforehand, so nothing is copied twice. */
export function growingMatrix(columns: number, rows: number) {
  const all = new Float32Array(columns * rows);
  let filled = 0;
  return {
    add({ data }: FeatureMatrix): void {
      all.set(data, filled);
      filled += data.length;
    },
    /** The rows so far. */
    data: (): Float32Array => all.subarray(0, filled),
  };
}
