import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CaseResult } from './case-result.js';
import { runConstantNoise } from './constant-noise.js';
import { runExpectedSums } from './expected-sums.js';
import { runGaussianScore } from './gaussian-score.js';
import { type FileRunner, metricRunners } from './metrics.js';
import { runSamplers } from './samplers.js';
import { runSchedules } from './schedules.js';
import { runTimesteps } from './timesteps.js';

const runners: Record<string, FileRunner> = {
  sampler_: runSamplers,
  schedules_: runSchedules,
  timesteps: runTimesteps,
  constant_noise: runConstantNoise,
  diffusers_expected_sums: runExpectedSums,
  gaussian_exact_score: runGaussianScore,
  ...metricRunners,
};

/**
 * Runs one oracle file; its format is known by the beginning of its name.
 * @throws RangeError for a name of no known format, SyntaxError when it is not JSON.
 */
export async function runFile(path: string): Promise<CaseResult[]> {
  const name = basename(path);
  const prefix = Object.keys(runners).find((candidate) => name.startsWith(candidate));
  if (prefix === undefined) {
    throw new RangeError(`oracle: a file name must begin with one of ${Object.keys(runners).join(', ')}, got ${name}`);
  }
  return runners[prefix]!(JSON.parse(await readFile(path, 'utf8')) as unknown);
}
