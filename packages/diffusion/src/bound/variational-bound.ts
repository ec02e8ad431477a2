import { LascauxError } from '@lascaux/nn';
import { addNoise } from '../add-noise.js';
import type { Denoiser, FloatArray, NoiseSource, Plan } from '../types.js';
import { continuousTerm, discreteTerm, priorTerm, stepTerm } from './terms.js';

/** Options of the bound. */
export interface VariationalBoundOptions {
  /** A plan over every timestep of a variance preserving schedule, down to a clean end: DDPM's with steps = T. */
  readonly plan: Plan;
  readonly noiseSource: NoiseSource;
  /** Variance of the model's steps. Default fixed_small. */
  readonly variance?: 'fixed_small' | 'fixed_large';
  /** Number of pixel values for a discrete L_0; without it x0 is continuous (latents). */
  readonly levels?: number;
  readonly signal?: AbortSignal;
}

/** The parts of the bound, in nats summed over all values of x0. */
export interface VariationalBound {
  /** L_T. */
  readonly prior: number;
  /** L_{t−1}, noisiest first. */
  readonly steps: readonly number[];
  /** L_0. */
  readonly reconstruction: number;
  /** Their sum, an upper bound on −log p(x0) in expectation over the noise. */
  readonly total: number;
}

/**
 * The variational bound on −log p(x0) with one draw of noise for each timestep (Ho et al. 2020, eq. 5): one network call a step.
 * @throws LascauxError when the plan does not end clean.
 */
export async function variationalBound<A extends FloatArray>(
  denoiser: Denoiser<A>,
  x0: A,
  { plan, noiseSource, variance = 'fixed_small', levels, signal }: VariationalBoundOptions,
): Promise<VariationalBound> {
  const end = plan.steps.at(-1)!.to;
  if (end.sigma !== 0)
    throw new LascauxError({ operation: 'variational bound', rule: 'the plan must end at sigma 0', value: end.sigma });
  const steps: number[] = [];
  let reconstruction = 0;
  for (const { from, to } of plan.steps) {
    signal?.throwIfAborted();
    const { denoised } = await denoiser(addNoise(x0, noiseSource(x0.length), from), from);
    if (to.sigma > 0) steps.push(stepTerm({ x0, denoised, from, to, variance }));
    // At t = 1 both choices of Ho et al. for the decoder's deviation are √β_1.
    else if (levels === undefined) reconstruction = continuousTerm(x0, denoised, from.sigma);
    else reconstruction = discreteTerm(x0, denoised, { deviation: from.sigma, levels });
  }
  const prior = priorTerm(x0, plan.steps[0]!.from);
  return { prior, steps, reconstruction, total: steps.reduce((sum, term) => sum + term, prior + reconstruction) };
}
