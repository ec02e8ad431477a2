/** An odd polynomial a·x + b·x³ + c·x⁵. */
export type OddQuintic = readonly [a: number, b: number, c: number];

/** Below this relative width of the interval the optimum is Newton and Schulz's classic quintic, to rounding. */
const NARROW = 5e-6;
/** Of the upper end: an optimum for a wider interval would be so steep at its ends that rounding would tell. The reference's number. */
const CUSHION = 0.02407327424182761;
/** Room for singular values that rounding has brought above the upper end. */
const SAFETY = 1.01;

const valueAt = ([a, b, c]: OddQuintic, x: number): number => x * (a + x * x * (b + x * x * c));

/** Solves a small linear system by Gauss and Jordan's elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows.reduce((best, row, j) => (j > i && Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? j : best), i);
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    const chosen = rows[i]!;
    rows.forEach((row, j) => {
      if (j === i) return;
      const factor = row[i]! / chosen[i]!;
      for (let k = i; k < row.length; k++) row[k]! -= factor * chosen[k]!;
    });
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}

/** The odd quintic nearest to 1 on [low, high] in the largest error, by Remez' exchange: its error has equal extremes at the ends and between. */
export function nearestToOne(low: number, high: number): OddQuintic {
  if (low / high >= 1 - NARROW) return [15 / 8 / high, -10 / 8 / high ** 3, 3 / 8 / high ** 5];
  let [inner, outer] = [(3 * low + high) / 4, (low + 3 * high) / 4];
  let last = Infinity;
  for (;;) {
    const points = [low, inner, outer, high];
    const system = points.map((x, i) => [x, x ** 3, x ** 5, i % 2 === 0 ? 1 : -1]);
    const [a, b, c, error] = solve(system, [1, 1, 1, 1]) as unknown as [number, number, number, number];
    if (Math.abs(error - last) < 1e-14) return [a, b, c];
    last = error;
    // The extremes between the ends: a + 3b·x² + 5c·x⁴ = 0.
    const root = Math.sqrt(9 * b * b - 20 * a * c);
    [inner, outer] = [Math.sqrt((-3 * b - root) / (10 * c)), Math.sqrt((-3 * b + root) / (10 * c))];
  }
}

/** Singular values that so many iterations bring to between 0.85 and 1.15: each brings a quarter more. */
const lowestFor = (iterations: number): number => 0.07 / 4 ** (iterations - 2);

/**
 * The polynomials of an iteration towards the polar factor, one a step, each the best for the interval that those before it leave (Amsel et
 * al. 2025, "The Polar Express", theorem 3.1 and section 3.4). Matrices come with their Frobenius norm at most 1 / 1.01.
 * Why: docs/decisions/0145.
 * @param lowest the smallest singular value that shall come near to 1; default: what that many iterations can do
 */
export function polarExpress(iterations: number, lowest = lowestFor(iterations)): readonly OddQuintic[] {
  let [low, high] = [lowest, 1];
  return Array.from({ length: iterations }, (_, i) => {
    const best = nearestToOne(Math.max(low, CUSHION * high), high);
    // Where the cushion has moved the lower end, the values there are centred about 1 anew.
    const scale = 2 / (valueAt(best, low) + valueAt(best, high));
    const [a, b, c] = best.map((value) => value * scale) as unknown as OddQuintic;
    low = valueAt([a, b, c], low);
    high = 2 - low;
    return i === iterations - 1 ? [a, b, c] : [a / SAFETY, b / SAFETY ** 3, c / SAFETY ** 5];
  });
}
