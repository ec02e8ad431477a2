import { schedulerFromConfig } from '@lascaux/diffusion';
import { type CaseResult, failure, WorstError } from './case-result.js';
import { casesOf, type SchedulerKeys } from './formats.js';

interface SumsCase {
  name: string;
  config: SchedulerKeys;
  prediction_type: string;
  num_inference_steps: number;
  expected_abs_sum: number | null;
  expected_abs_mean: number;
}

const classNames: Record<string, string> = {
  DDIM: 'DDIMScheduler',
  PNDM: 'PNDMScheduler',
  DPMSolverMultistep: 'DPMSolverMultistepScheduler',
  UniPC: 'UniPCMultistepScheduler',
  LCM: 'LCMScheduler',
};

/**
 * Runs diffusers_expected_sums.json where the class is one of ours and no noise of PyTorch is needed.
 * Not Euler and Heun: the tests these sums come from step on the scaled network input in place of the sample.
 */
export async function runExpectedSums(json: unknown): Promise<CaseResult[]> {
  const runnable = casesOf<SumsCase>(json).filter(({ name }) => classOf(name) !== undefined && !name.includes('torch'));
  return Promise.all(runnable.map(runCase));
}

const classOf = (name: string): string | undefined => classNames[name.split(' ')[0]!];

// The values in diffusers' tests are rounded to four digits after the point and compared to 1e-2 (sum) and 1e-3 (mean).
const [sumTolerance, meanTolerance] = [1e-2, 1e-3];

async function runCase(oracle: SumsCase): Promise<CaseResult> {
  const { name, num_inference_steps: steps, prediction_type } = oracle;
  const id = `${name} ${prediction_type} ${steps}`;
  try {
    const { eta, ...config } = oracle.config;
    const flags = ['use_karras_sigmas', 'use_lu_lambdas'].filter((flag) => name.includes(flag));
    const overrides = { prediction_type, ...Object.fromEntries(flags.map((flag) => [flag, true])) };
    const scheduler = schedulerFromConfig({ _class_name: classOf(name), ...config }, { overrides });
    const plan = scheduler.plan({ steps });
    const x = Float64Array.from({ length: 768 }, (_, i) => (i / 768) * plan.initialNoiseScale);
    const network = (input: Float64Array, t: number) => input.map((value) => (value * t) / (t + 1));
    const final = await scheduler.sample(scheduler.denoiser(network), x, { plan, eta: eta as number | undefined });
    const sum = final.reduce((total, value) => total + Math.abs(value), 0);
    const worst = new WorstError(id, meanTolerance);
    worst.note('mean', Math.abs(sum / 768 - oracle.expected_abs_mean));
    if (oracle.expected_abs_sum !== null) worst.note('sum', Math.abs(sum - oracle.expected_abs_sum), sumTolerance);
    return worst.result();
  } catch (cause) {
    return failure(id, cause);
  }
}
