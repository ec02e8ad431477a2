import { LascauxError } from '@lascaux/nn';
import type { TrainJob } from './train-flags.js';

/** Not there yet. */
export function runDenoiser(job: TrainJob): Promise<string> {
  return Promise.reject(new LascauxError({ operation: 'train', rule: 'not there yet', value: job.part }));
}
