import { LascauxError } from '@lascaux/nn';
import type { FloatArray, NoiseLevel, NoiseSource, Plan, PlanStep, SamplerRun } from '../types.js';

/** What one step of a sampler gives. */
interface StepResult<A extends FloatArray> {
  /** The sample at the end of the step. */
  readonly x: A;
  /** The estimate of x0 that the step was made with. */
  readonly denoised: A;
}

/** The moves of a sampler: x, the step of the plan and its index to the next x. */
type StepFunction<A extends FloatArray> = (x: A, step: PlanStep, i: number) => Promise<StepResult<A>>;

/** Walks a plan: the part of sampling that is the same for every sampler (cancelling, progress, constraint). */
export async function runSteps<A extends FloatArray>(x: A, run: SamplerRun<A>, step: StepFunction<A>): Promise<A> {
  const { plan, onStep, constrain, signal } = run;
  const steps = plan.steps.length;
  for (const [i, planStep] of plan.steps.entries()) {
    signal?.throwIfAborted();
    const result = await step(x, planStep, i);
    x = constrain ? constrain(result.x, levelAfter(plan, i)) : result.x;
    const { timestep } = planStep.at ?? planStep.from;
    await onStep?.({ step: i + 1, steps, timestep, x, denoised: result.denoised });
  }
  return x;
}

/**
 * The level at which x is seen next, as diffusers' inpainting pipelines noise what is kept; clean after the last step, even where the
 * schedule ends with a little noise (`set_alpha_to_one: false`, `final_sigmas_type: sigma_min`).
 */
function levelAfter({ steps }: Plan, i: number): NoiseLevel {
  const next = steps[i + 1];
  return next ? (next.at ?? next.from) : { ...steps[i]!.to, signal: 1, sigma: 0 };
}

/**
 * The noise source of a run.
 * @throws LascauxError when the sampler draws noise and the run has no source.
 */
export function requireNoise(run: { readonly noiseSource?: NoiseSource }, sampler: string): NoiseSource {
  if (!run.noiseSource)
    throw new LascauxError({ operation: sampler, rule: 'draws noise, so noiseSource must be given, got undefined' });
  return run.noiseSource;
}
