/** Largest relative difference of the losses of both. */
export function lossDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)) / Math.max(Math.abs(value), 1e-12)));
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** A gradient this much smaller than all gradients together is compared with that size instead of its own: what is left of it is rounding. */
const FLOOR = 1e-4;

/** The largest ‖g − g′‖ / ‖g‖ of any parameter; NaN when one is missing. */
export function gradientDifference(a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>): number {
  const all = Math.hypot(...[...a.values()].map(norm));
  return Math.max(
    ...[...a].map(([name, values]) => {
      const other = b.get(name);
      const difference = values.map((value, i) => value - (other?.[i] ?? NaN));
      return norm(difference) / Math.max(norm(values), FLOOR * all);
    }),
  );
}
