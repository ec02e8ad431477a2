import { LascauxError } from '@lascaux/nn';
import { interpolate, linspace } from '../numbers.js';
import type { Plan } from '../types.js';
import { checkSteps, checkTimesteps, dropLeading } from './checks.js';
import { explodingLevel } from './levels.js';
import { exponentialSigmas, noiseRatios, sigmaSpacing, type SigmaSpacingConfig, timestepOfSigma } from './sigmas.js';
import { spacedTimesteps, type TimestepSpacing } from './timesteps.js';

/** A run over sigmas of a schedule in variance exploding terms. */
export interface ExplodingPlanOptions {
  readonly alphaBars: Float64Array;
  readonly spacing: TimestepSpacing;
  readonly offset: number;
  readonly respacing?: SigmaSpacingConfig;
  /** Bounds for the respacing; default: the sigmas of the first and last timestep. */
  readonly sigmaMinimum?: number | null;
  readonly sigmaMaximum?: number | null;
  /** Sigmas equally spaced in their logarithm, over the whole schedule (`interpolation_type: log_linear`). */
  readonly logLinear?: boolean;
  /** The network is told ¼ ln σ (Karras et al. 2022, c_noise) in place of a timestep. */
  readonly continuousTimesteps?: boolean;
  /** Where the last step ends. */
  readonly final: 'zero' | 'sigma_min';
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  /** Custom sigmas, largest first; the last one is where the run ends. */
  readonly sigmas?: readonly number[];
  readonly begin?: number;
}

/** Plan of Euler and Heun. */
export function explodingPlan(options: ExplodingPlanOptions): Plan {
  const { spacing, continuousTimesteps, begin = 0 } = options;
  const table = noiseRatios(options.alphaBars);
  const { points, end } = options.sigmas ? customRun(options.sigmas, table) : spacedRun(options, table);
  const levels = points.map(({ timestep, sigma }) =>
    explodingLevel(continuousTimesteps ? 0.25 * Math.log(sigma) : timestep, sigma),
  );
  const last = explodingLevel(0, end);
  const steps = levels.map((from, i) => ({ from, to: levels[i + 1] ?? last }));
  const maximum = Math.max(...levels.map(({ sigma }) => sigma));
  // With leading spacing the first timestep is not the noisiest, so x there still holds some of the picture's variance.
  const initialNoiseScale = spacing === 'leading' ? Math.sqrt(maximum ** 2 + 1) : maximum;
  return { steps: dropLeading(steps, begin), initialNoiseScale, begin };
}

interface Point {
  timestep: number;
  sigma: number;
}

/** The points at which the network is called, and the sigma at which the last step ends. */
interface Run {
  points: Point[];
  end: number;
}

function customRun(sigmas: readonly number[], table: readonly number[]): Run {
  if (sigmas.length < 2)
    throw new LascauxError({
      operation: 'plan',
      rule: 'sigmas must hold at least one and the end',
      value: sigmas.length,
    });
  return { points: pointsAt(sigmas.slice(0, -1), table), end: sigmas.at(-1)! };
}

function finalSigma(final: 'zero' | 'sigma_min', table: readonly number[]): number {
  return final === 'zero' ? 0 : table[0]!;
}

function pointsAt(sigmas: readonly number[], table: readonly number[]): Point[] {
  return sigmas.map((sigma) => ({ sigma, timestep: timestepOfSigma(sigma, table) }));
}

function spacedRun(options: ExplodingPlanOptions, table: readonly number[]): Run {
  const { respacing, logLinear, sigmaMinimum, sigmaMaximum } = options;
  const timesteps = eulerTimesteps(options);
  const count = timesteps.length;
  const end = finalSigma(options.final, table);
  const space = respacing && sigmaSpacing(respacing);
  if (space) {
    if (options.timesteps)
      throw new LascauxError({ operation: 'plan', rule: 'timesteps cannot be given with a spacing of sigmas' });
    const ends = logLinear ? [table.length - 1, 0] : [timesteps[0]!, timesteps.at(-1)!];
    const [first, last] = ends.map((t) => interpolate(t, table)) as [number, number];
    const range = { minimum: sigmaMinimum ?? last, maximum: sigmaMaximum ?? first, count };
    return { points: pointsAt(space(range), table), end };
  }
  if (logLinear) {
    // n + 1 sigmas for n steps, so the run ends at the smallest one, not at `final` (as in diffusers).
    const sigmas = exponentialSigmas({ maximum: table.at(-1)!, minimum: table[0]!, count: count + 1 });
    return { points: timesteps.map((timestep, i) => ({ timestep, sigma: sigmas[i]! })), end: sigmas[count]! };
  }
  return { points: timesteps.map((timestep) => ({ timestep, sigma: interpolate(timestep, table) })), end };
}

/** As spacedTimesteps, but linspace stays unrounded. */
function eulerTimesteps({ alphaBars, spacing, offset, steps, timesteps }: ExplodingPlanOptions): readonly number[] {
  const total = alphaBars.length;
  if (timesteps) return checkTimesteps(timesteps, total);
  const count = checkSteps(steps, total);
  return spacing === 'linspace'
    ? linspace(0, total - 1, count).reverse()
    : spacedTimesteps({ spacing, count, total, offset });
}
