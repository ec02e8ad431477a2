import { type Denoiser, schedulerFromConfig } from '@lascaux/diffusion';
import { type CaseResult, failure, WorstError } from './case-result.js';
import { casesOf, type SchedulerKeys } from './formats.js';

interface GaussianCase {
  scheduler: string;
  config_overrides: SchedulerKeys;
  data_std: number;
  num_inference_steps: number[];
  multiplier: number[];
  exact_ode_multiplier: number[];
}

/** Runs gaussian_exact_score.json: samplers are linear on Gaussian data, so one number says all. */
export async function runGaussianScore(json: unknown): Promise<CaseResult[]> {
  return Promise.all(casesOf<GaussianCase>(json).map(runCase));
}

async function runCase(oracle: GaussianCase): Promise<CaseResult> {
  const { scheduler: className, config_overrides: overrides, data_std: deviation } = oracle;
  const id = `${className} ${JSON.stringify(overrides)}`;
  const worst = new WorstError(id, 1e-10);
  try {
    const scheduler = schedulerFromConfig({ _class_name: className, ...overrides });
    for (const [k, steps] of oracle.num_inference_steps.entries()) {
      const plan = scheduler.plan({ steps });
      const [final] = await scheduler.sample(gaussianDenoiser(deviation), Float64Array.of(1), { plan });
      worst.compare(`multiplier at ${steps} steps`, { got: [final!], expected: [oracle.multiplier[k]!] });
    }
    return worst.result();
  } catch (cause) {
    return failure(id, cause);
  }
}

/** E[x0 | x] for x0 ~ N(0, deviation²); its output counts as noise. */
function gaussianDenoiser(deviation: number): Denoiser<Float64Array> {
  return (x, { signal, sigma }) => {
    const total = (signal * deviation) ** 2 + sigma ** 2;
    const noise = x.map((value) => (value * sigma) / total);
    return { denoised: x.map((value) => (value * signal * deviation ** 2) / total), noise, output: noise };
  };
}
