import { weightedSum } from '../arrays.js';
import { logRatio } from '../schedule/levels.js';
import type { Denoised, FloatArray, NoiseLevel, Plan, Sampler } from '../types.js';
import { requireNoise, runSteps } from './run-steps.js';

/** Options of the DPM-Solver samplers. */
export interface DpmSolverOptions {
  /** 1, 2 or 3. Default 2. */
  readonly order?: number;
  /** Second order by the midpoint rule or by Heun's. Default midpoint. */
  readonly rule?: 'midpoint' | 'heun';
  /** Lower the order at the end of runs of fewer than 15 steps. Default true. */
  readonly lowerOrderFinal?: boolean;
  /** Make the last step of order 1 whatever the length. Default false; always so when it ends without noise. */
  readonly eulerAtFinal?: boolean;
}

/** Weights of one step: of x, of the divided differences D0, D1, D2 of the estimates, and of fresh noise. */
interface StepWeights {
  readonly x: number;
  readonly d0: number;
  readonly d1: number;
  readonly d2: number;
  /** 0: no noise is drawn. */
  readonly noise: number;
}

/** What makes one member of the family: which estimate is extrapolated, and the weights of a step of h = λ_to − λ_from. */
export interface MultistepVariant {
  readonly name: string;
  readonly estimate: <A extends FloatArray>(denoised: Denoised<A>) => A;
  readonly weights: (from: NoiseLevel, to: NoiseLevel, h: number) => StepWeights;
  readonly isStochastic: boolean;
}

// Runs shorter than this lose accuracy in their last steps with high orders (diffusers, lower_order_final).
const shortRun = 15;

/** A sampler by multistep exponential integration of order 1 to 3 (Lu et al. 2022b, Algorithm 2 and appendix). */
export function multistepSampler(variant: MultistepVariant): Sampler<DpmSolverOptions> {
  return (denoiser, x, options) => {
    const { rule = 'midpoint', ...run } = options;
    const history: Point<typeof x>[] = [];
    return runSteps(x, run, async (x, { from, to }, i) => {
      const estimate = await denoiser(x, from);
      const lambda = logRatio(from);
      history.unshift({ m: variant.estimate(estimate), lambda });
      history.length = Math.min(history.length, 3);
      const h = logRatio(to) - lambda;
      const order = Math.min(orderAt(i, run.plan, options), history.length);
      const weights = variant.weights(from, to, h);
      const terms: [number, FloatArray][] = differenceTerms({ order, rule, weights, h, history });
      if (variant.isStochastic) terms.push([weights.noise, requireNoise(run, variant.name)(x.length)]);
      return { x: weightedSum([weights.x, x], ...terms), denoised: estimate.denoised };
    });
  };
}

function orderAt(i: number, plan: Plan, options: DpmSolverOptions): number {
  const { order = 2, lowerOrderFinal = true, eulerAtFinal = false } = options;
  const left = plan.steps.length - i;
  const lowers = lowerOrderFinal && plan.steps.length + plan.begin < shortRun;
  if (left === 1 && (eulerAtFinal || lowers || plan.steps[i]!.to.sigma === 0)) return 1;
  return left === 2 && lowers ? Math.min(order, 2) : order;
}

/** An estimate and the λ at which it was made. */
interface Point<A extends FloatArray> {
  readonly m: A;
  readonly lambda: number;
}

interface Differences<A extends FloatArray> {
  readonly order: number;
  readonly rule: 'midpoint' | 'heun';
  readonly weights: StepWeights;
  readonly h: number;
  /** Newest first. */
  readonly history: readonly Point<A>[];
}

/** The weights on D0, D1, D2 turned into weights on the estimates m0 (newest), m1, m2. */
function differenceTerms<A extends FloatArray>({ order, rule, weights, h, history }: Differences<A>): [number, A][] {
  const { d0, d1, d2 } = weights;
  const [now, before, earlier] = history;
  if (order === 1) return [[d0, now!.m]];
  const r0 = (now!.lambda - before!.lambda) / h;
  if (order === 2) {
    const weight = (rule === 'midpoint' ? d0 / 2 : d1) / r0;
    return [
      [d0 + weight, now!.m],
      [-weight, before!.m],
    ];
  }
  const r1 = (before!.lambda - earlier!.lambda) / h;
  // The references give D2 this weight; the integral of its term is twice that (docs/decisions/0021).
  // D1 = a + (a − b)·r0/(r0+r1), D2 = (a − b)/(r0+r1), with a = (m0 − m1)/r0 and b = (m1 − m2)/r1.
  const onDifference = (d1 * r0 + d2) / (r0 + r1);
  const [a, b] = [(d1 + onDifference) / r0, -onDifference / r1];
  return [
    [d0 + a, now!.m],
    [b - a, before!.m],
    [-b, earlier!.m],
  ];
}
