import { weightedSum } from '../arrays.js';
import { logRatio } from '../schedule/levels.js';
import type { FloatArray, NoiseLevel, Sampler } from '../types.js';
import { runSteps } from './run-steps.js';
import { solve } from './solve.js';

/** Options of {@link sampleUniPc}. */
export interface UniPcOptions {
  /** Order of the predictor; the corrector adds one. Default 2. */
  readonly order?: number;
  /** B(h) = h or e^h − 1 (Zhao et al. 2023, section 3.3). Default bh2. */
  readonly kind?: 'bh1' | 'bh2';
  /** Extrapolate x0 (true) or noise. Default true. */
  readonly predictsX0?: boolean;
  /** Lower the order towards the end. Default true. */
  readonly lowerOrderFinal?: boolean;
  /** Steps after which nothing is corrected, counted from 0. Default none. */
  readonly disableCorrector?: readonly number[];
}

interface Point<A extends FloatArray> {
  readonly m: A;
  readonly level: NoiseLevel;
}

/** Everything a predictor or corrector step needs: newest estimate first. */
interface Move<A extends FloatArray> {
  readonly x: A;
  readonly to: NoiseLevel;
  readonly order: number;
  readonly history: readonly Point<A>[];
}

/** Unified predictor-corrector sampling (Zhao et al. 2023, Algorithms 5 to 8). */
export const sampleUniPc: Sampler<UniPcOptions> = (
  denoiser,
  x,
  { order: highest = 2, kind = 'bh2', predictsX0 = true, lowerOrderFinal = true, disableCorrector = [], ...run },
) => {
  const { plan } = run;
  const history: Point<typeof x>[] = [];
  const solver = { kind, predictsX0 };
  let previous: { x: typeof x; order: number } | undefined;

  return runSteps(x, run, async (x, { from, to }, i) => {
    const { denoised, noise } = await denoiser(x, from);
    const m = predictsX0 ? denoised : noise;
    const corrects = previous && !disableCorrector.includes(i + plan.begin - 1);
    const corrected = corrects ? correct({ ...previous!, to: from, history }, m, solver) : x;

    history.unshift({ m, level: from });
    history.length = Math.min(history.length, highest);
    const order = Math.min(lowerOrderFinal ? plan.steps.length - i : highest, highest, history.length);
    previous = { x: corrected, order };
    return { x: predict({ x: corrected, order, to, history }, solver), denoised };
  });
};

type Solver = Required<Pick<UniPcOptions, 'kind' | 'predictsX0'>>;

function predict<A extends FloatArray>(move: Move<A>, solver: Solver): A {
  const { order } = move;
  const expansion = expand(move, solver);
  const { base, matrix, right } = expansion;
  // The order two weight is the limit of the system, not its solution, as in the paper's code.
  const weights = order === 2 ? [0.5] : solve(principal(matrix), right.slice(0, -1));
  return weightedSum(...base, ...differences(move, weights, expansion));
}

function correct<A extends FloatArray>(move: Move<A>, m: A, solver: Solver): A {
  const expansion = expand(move, solver);
  const { base, matrix, right, scale } = expansion;
  const weights = move.order === 1 ? [0.5] : solve(matrix, right);
  const last = weights.at(-1)! * scale;
  const newest: [number, A] = [last, m];
  const oldest: [number, A] = [-last, move.history[0]!.m];
  return weightedSum(...base, ...differences(move, weights.slice(0, -1), expansion), newest, oldest);
}

function principal(matrix: readonly number[][]): number[][] {
  return matrix.slice(0, -1).map((row) => row.slice(0, -1));
}

/** Terms of Σ weight · (m_k − m_0) / r_k. */
function differences<A extends FloatArray>(
  { history }: Move<A>,
  weights: readonly number[],
  { ratios, scale }: { readonly ratios: readonly number[]; readonly scale: number },
): [number, A][] {
  return weights.flatMap((weight, k): [number, A][] => {
    const factor = (weight * scale) / ratios[k]!;
    return [
      [factor, history[k + 1]!.m],
      [-factor, history[0]!.m],
    ];
  });
}

/** The first order step, and the system whose solution weighs the differences (Zhao et al. 2023, eq. 8 to 11). */
function expand<A extends FloatArray>({ x, to, order, history }: Move<A>, { kind, predictsX0 }: Solver) {
  const { m, level: from } = history[0]!;
  const lambda = logRatio(from);
  const h = logRatio(to) - lambda;
  const hh = predictsX0 ? -h : h;
  const phi1 = Math.expm1(hh);
  const b = kind === 'bh1' ? hh : phi1;
  const ratios = history.slice(1, order).map(({ level }) => (logRatio(level) - lambda) / h);
  ratios.push(1);
  const right: number[] = [];
  let [phi, factorial] = [phi1 / hh - 1, 1];
  for (let k = 1; k <= order; k++) {
    right.push((phi * factorial) / b);
    factorial *= k + 1;
    phi = phi / hh - 1 / factorial;
  }
  const matrix = right.map((_, k) => ratios.map((ratio) => ratio ** k));
  const [keep, gain] = predictsX0 ? [to.sigma / from.sigma, to.signal] : [to.signal / from.signal, to.sigma];
  const base: [[number, A], [number, A]] = [
    [keep, x],
    [-gain * phi1, m],
  ];
  return { base, ratios, matrix, right, scale: -gain * b };
}
