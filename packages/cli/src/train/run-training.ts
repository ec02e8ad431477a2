import type { TrainJob, TrainablePart } from './train-flags.js';
import { trainPart } from './train-part.js';

/** The trainers, each loaded when it is asked for. */
const trainers: Readonly<Record<TrainablePart, (job: TrainJob) => Promise<string>>> = {
  vae: async (job) => trainPart({ ...job, part: 'vae' }, (await import('./plan-vae.js')).planVae),
  'text-encoder': async (job) =>
    trainPart({ ...job, part: 'text-encoder' }, (await import('./plan-text-encoder.js')).planTextEncoder),
  denoiser: async (job) => trainPart({ ...job, part: 'denoiser' }, (await import('./plan-denoiser.js')).planDenoiser),
};

/**
 * Trains a part, writes its model, and prints the line that says so.
 * @throws {LascauxError} for anything the user can mend, and when a loss is not finite
 * @throws {Interrupted} after Ctrl-C, once a checkpoint is written
 */
export async function runTraining(job: TrainJob): Promise<void> {
  job.terminal.result(await trainers[job.part](job));
}
