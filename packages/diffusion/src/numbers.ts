/** `count` equally spaced numbers from `start` to `end`, both included; one number gives `start`. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (i === count - 1 && count > 1 ? end : start + step * i));
}

/**
 * The numbers from `start` down to above `end`, as NumPy's `arange(start, end, -step)` gives them: it multiplies the difference of the first
 * two, which was rounded, so a number may be a little off start − i·step and round the other way.
 */
export function descending(start: number, end: number, step: number): number[] {
  const difference = start - step - start;
  return Array.from({ length: Math.ceil((start - end) / step) }, (_, i) => start + i * difference);
}

/** Rounds to the nearest integer, ties to the even one, as numpy does (Math.round sends ties up). */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Piecewise linear value at `x` of the table values[0 …], held constant outside it. */
export function interpolate(x: number, values: readonly number[]): number {
  const last = values.length - 1;
  if (x <= 0) return values[0]!;
  if (x >= last) return values[last]!;
  const i = Math.floor(x);
  return values[i]! + (x - i) * (values[i + 1]! - values[i]!);
}
