import { weightedSum } from '../arrays.js';
import { type Interpret, interpretation } from '../denoiser/prediction.js';
import type { FloatArray, NoiseLevel, PlanStep, Sampler } from '../types.js';
import { runSteps } from './run-steps.js';

/** Options of {@link samplePndm}. */
export interface PndmOptions {
  /** How a combination of network outputs is read as noise. Default: it is noise. */
  readonly interpret?: Interpret;
  /** The plan begins with three Runge-Kutta steps of four calls each. Default false: one repeated step. */
  readonly rungeKutta?: boolean;
}

/** Length of the Runge-Kutta warm-up of a plan, in network calls. */
const rungeKuttaCalls = 12;

/**
 * Pseudo linear multistep sampling (Liu et al. 2022, eq. 9 to 12), with either of the warm-ups of diffusers.
 * A step of the plan is one network call; the multistep rule mixes the network's own outputs.
 */
export const samplePndm: Sampler<PndmOptions> = (
  denoiser,
  x,
  { interpret = interpretation('epsilon'), rungeKutta = false, ...run },
) => {
  const history: (typeof x)[] = [];
  const stages: (typeof x)[] = [];
  let start = x;

  const mix = (output: typeof x, i: number): typeof x => {
    if (rungeKutta && i < rungeKuttaCalls) {
      if (i % 4 === 0) history.push(output);
      stages[i % 4] = output;
      const [k1, k2, k3, k4] = stages as [typeof x, typeof x, typeof x, typeof x];
      return i % 4 < 3 ? output : weightedSum([1 / 6, k1], [1 / 3, k2], [1 / 3, k3], [1 / 6, k4]);
    }
    if (!rungeKutta && i === 1) return weightedSum([1 / 2, output], [1 / 2, history[0]!]);
    history.push(output);
    return adamsBashforth(history.slice(-4));
  };

  return runSteps(x, run, async (x, step: PlanStep, i) => {
    const { output, denoised } = await denoiser(x, step.at ?? step.from);
    const isRepeat = rungeKutta ? i < rungeKuttaCalls && i % 4 > 0 : i === 1;
    if (!isRepeat) start = x;
    const { noise } = interpret(mix(output, i), start, step.from);
    return { x: transfer(start, noise, step), denoised };
  });
};

/** Explicit Adams-Bashforth mean of the last one to four outputs, the newest last. */
function adamsBashforth<A extends FloatArray>(outputs: readonly A[]): A {
  const [e4, e3, e2, e1] = [...outputs].reverse() as [A, A, A, A];
  if (outputs.length === 1) return e4;
  if (outputs.length === 2) return weightedSum([3 / 2, e4], [-1 / 2, e3]);
  if (outputs.length === 3) return weightedSum([23 / 12, e4], [-16 / 12, e3], [5 / 12, e2]);
  return weightedSum([55 / 24, e4], [-59 / 24, e3], [37 / 24, e2], [-9 / 24, e1]);
}

/** φ(x, noise, from, to) of eq. 11. */
function transfer<A extends FloatArray>(x: A, noise: A, { from, to }: { from: NoiseLevel; to: NoiseLevel }): A {
  const [a, b] = [from.signal, to.signal];
  const coefficient = (b * b - a * a) / (a * (a * to.sigma + b * from.sigma));
  return weightedSum([b / a, x], [-coefficient, noise]);
}
