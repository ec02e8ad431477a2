import { schedulerFromConfig } from '@lascaux/diffusion';
import { type CaseResult, failure, magnitude, WorstError } from './case-result.js';
import { casesOf, type SchedulerKeys } from './formats.js';

interface TimestepsCase {
  scheduler: string;
  config_overrides: SchedulerKeys;
  num_inference_steps: number;
  timesteps?: number[];
  timesteps_f64?: number[];
  sigmas?: number[];
  init_noise_sigma?: number;
  raises?: string;
}

/** Runs timesteps.json: the network calls of a plan, its sigmas and its initial noise scale. Sigmas are 32-bit numbers there. */
export async function runTimesteps(json: unknown): Promise<CaseResult[]> {
  return Promise.all(casesOf<TimestepsCase>(json).map(runCase));
}

async function runCase(oracle: TimestepsCase): Promise<CaseResult> {
  const { scheduler: className, config_overrides: overrides, num_inference_steps: steps } = oracle;
  const id = `${className} ${JSON.stringify(overrides)} ${steps}`;
  const worst = new WorstError(id, 1e-4);
  try {
    const scheduler = schedulerFromConfig({ _class_name: className, ...overrides });
    const plan = scheduler.plan({ steps });
    if (oracle.raises) return failure(id, `accepted, but the reference raises ${oracle.raises}`);
    const asked: number[] = [];
    const network = (input: Float64Array, timestep: number) => {
      asked.push(timestep);
      return input.map(() => 0);
    };
    const noiseSource = (size: number) => new Float64Array(size);
    await scheduler.sample(scheduler.denoiser(network), new Float64Array(1), { plan, noiseSource });
    worst.compare('timesteps', {
      got: asked,
      expected: oracle.timesteps_f64 ?? oracle.timesteps ?? [],
      tolerance: 1e-8,
    });
    if (oracle.sigmas) {
      const straight = className.startsWith('FlowMatch');
      const levels = [...plan.steps.map(({ from }) => from), plan.steps.at(-1)!.to];
      const sigmas = levels.map(({ signal, sigma }) => (straight ? sigma : sigma / signal));
      const expected = oracle.sigmas.filter((value, i, all) => i === 0 || value !== all[i - 1]);
      worst.compare('sigmas', { got: sigmas, expected, scale: magnitude(expected) });
    }
    if (oracle.init_noise_sigma !== undefined) {
      const expected = [oracle.init_noise_sigma];
      worst.compare('initial noise scale', { got: [plan.initialNoiseScale], expected, scale: magnitude(expected) });
    }
  } catch (cause) {
    if (oracle.raises) worst.note('raises', 0);
    else return failure(id, cause);
  }
  return worst.result();
}
