import { addNoise, type FloatArray, schedulerFromConfig } from '@lascaux/diffusion';
import { flowTarget, velocityTarget } from '@lascaux/diffusion/denoiser';
import { type CaseResult, failure, magnitude, WorstError } from './case-result.js';
import { casesOf, type SchedulerKeys } from './formats.js';

interface ConstantNoiseFile {
  x0: number[];
  noise: number[];
}

interface ConstantNoiseCase {
  scheduler: string;
  config_overrides: SchedulerKeys;
  num_inference_steps: number;
  target_alpha_bar: number;
  f32: { final_sample: number[] };
  f64: { final_sample: number[] };
}

/** Runs constant_noise.json: a network that always knows the true noise must end at √a·x0 + √(1 − a)·noise. */
export async function runConstantNoise(json: unknown): Promise<CaseResult[]> {
  const { x0, noise } = json as ConstantNoiseFile;
  return Promise.all(
    casesOf<ConstantNoiseCase>(json).map(async (oracle) => {
      const id = `${oracle.scheduler} ${JSON.stringify(oracle.config_overrides)} ${oracle.num_inference_steps}`;
      try {
        const worst = new WorstError(id, 1e-10);
        const target = addNoise(Float64Array.from(x0), Float64Array.from(noise), {
          timestep: 0,
          signal: Math.sqrt(oracle.target_alpha_bar),
          sigma: Math.sqrt(1 - oracle.target_alpha_bar),
          inputScale: 1,
        });
        const final = await run(oracle, Float64Array.from(x0), Float64Array.from(noise));
        worst.compare('f64 target', { got: final, expected: target });
        worst.compare('f64 final sample', { got: final, expected: oracle.f64.final_sample });
        const final32 = await run(oracle, Float32Array.from(x0), Float32Array.from(noise));
        worst.compare('f32 final sample', {
          got: final32,
          expected: oracle.f32.final_sample,
          scale: magnitude(target),
          tolerance: 1e-4,
        });
        return worst.result();
      } catch (cause) {
        return failure(id, cause);
      }
    }),
  );
}

async function run<A extends FloatArray>(oracle: ConstantNoiseCase, x0: A, noise: A): Promise<A> {
  const { scheduler: className, config_overrides: overrides, num_inference_steps: steps } = oracle;
  const scheduler = schedulerFromConfig({ _class_name: className, ...overrides });
  const plan = scheduler.plan({ steps });
  const answer = (_: A, timestep: number): A => {
    if (className.startsWith('FlowMatch')) return flowTarget(x0, noise);
    if (overrides.prediction_type !== 'v_prediction') return noise;
    return velocityTarget(x0, noise, scheduler.levelAt(timestep));
  };
  return scheduler.sample(scheduler.denoiser(answer), addNoise(x0, noise, plan.steps[0]!.from), { plan });
}
