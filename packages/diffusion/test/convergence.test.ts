import {
  type Denoiser,
  type NoiseLevel,
  type Plan,
  sampleDdim,
  sampleDpmSolver,
  sampleDpmSolverPlusPlus,
  sampleEuler,
  sampleHeun,
  samplePndm,
  sampleUniPc,
  type SamplerRun,
} from '@lascaux/diffusion';
import { explodingLevel, exponentialSigmas, preservingLevelOfRatio } from '@lascaux/diffusion/schedule';
import { describe, expect, it } from 'vitest';
import { gaussianDenoiser, planThrough } from './helpers.js';

type Run = (denoiser: Denoiser<Float64Array>, x: Float64Array, run: SamplerRun<Float64Array>) => Promise<Float64Array>;

const deviation = 0.5;
// The probability flow keeps the quantile, so it multiplies x by the ratio of the deviations at its ends.
const spread = ({ signal, sigma }: NoiseLevel) => Math.hypot(signal * deviation, sigma);

async function error(sample: Run, plan: Plan): Promise<number> {
  const [first, last] = [plan.steps[0]!.from, plan.steps.at(-1)!.to];
  const [end] = await sample(gaussianDenoiser(deviation), Float64Array.of(1), { plan });
  return Math.abs(end! - spread(last) / spread(first));
}

const logarithmic = (count: number, maximum: number) => exponentialSigmas({ minimum: 0.05, maximum, count: count + 1 });

const exploding = (count: number) => planThrough(logarithmic(count, 20), explodingLevel);
const preserving = (count: number) => planThrough(logarithmic(count, 20), preservingLevelOfRatio);
// Multistep rules start with steps of lower order; far out in the noise, where x0 hardly moves, that costs nothing.
const fromFarOut = (count: number) => planThrough(logarithmic(count, 1e5), preservingLevelOfRatio);

/** PLMS is for equal steps of σ/α, and makes its first step twice. */
function linear(count: number): Plan {
  const sigmas = Array.from({ length: count + 1 }, (_, i) => 4 + ((0.2 - 4) * i) / count);
  const plan = planThrough(sigmas, preservingLevelOfRatio);
  const [first, second, ...rest] = plan.steps;
  return { ...plan, steps: [first!, { ...first!, at: second!.from }, second!, ...rest] };
}

const multistep = { lowerOrderFinal: false };
type Case = [name: string, order: number, plan: (count: number) => Plan, sample: Run];
const samplers: Case[] = [
  ['Euler', 1, exploding, sampleEuler],
  ['DDIM', 1, preserving, sampleDdim],
  ['Heun', 2, exploding, sampleHeun],
  ['DPM-Solver++ 1', 1, preserving, (d, x, run) => sampleDpmSolverPlusPlus(d, x, { ...run, order: 1 })],
  ['DPM-Solver++ 2M', 2, preserving, (d, x, run) => sampleDpmSolverPlusPlus(d, x, { ...run, ...multistep })],
  [
    'DPM-Solver++ 2M, Heun',
    2,
    preserving,
    (d, x, run) => sampleDpmSolverPlusPlus(d, x, { ...run, ...multistep, rule: 'heun' }),
  ],
  // Half the weight that third order needs (docs/decisions/0021); its constant is still the smaller one.
  ['DPM-Solver++ 3M', 2, fromFarOut, (d, x, run) => sampleDpmSolverPlusPlus(d, x, { ...run, ...multistep, order: 3 })],
  ['DPM-Solver 2M', 2, preserving, (d, x, run) => sampleDpmSolver(d, x, { ...run, ...multistep })],
  ['UniPC 2', 3, fromFarOut, (d, x, run) => sampleUniPc(d, x, { ...run, ...multistep })],
  ['PLMS', 3, linear, samplePndm],
];

describe('order of convergence on Gaussian data', () => {
  it.each(samplers)('%s has order %i', async (...[, order, plan, sample]: Case) => {
    const [coarse, fine] = [await error(sample, plan(128)), await error(sample, plan(256))];
    const measured = Math.log2(coarse / fine);
    expect(measured).toBeGreaterThan(order - 0.2);
    expect(fine).toBeLessThan(order === 1 ? 0.01 : 1e-3);
  });
});
