import type { TrainJob, TrainablePart } from './train-flags.js';

/** The trainers, each loaded when it is asked for. */
const trainers: Readonly<Record<TrainablePart, () => Promise<(job: TrainJob) => Promise<string>>>> = {
  vae: async () => (await import('./run-vae.js')).runVae,
  'text-encoder': async () => (await import('./run-text-encoder.js')).runTextEncoder,
  denoiser: async () => (await import('./run-denoiser.js')).runDenoiser,
};

/**
 * Trains a part, writes its model, and prints the line that says so.
 * @throws {LascauxError} for anything the user can mend, and when a loss is not finite
 * @throws {Interrupted} after Ctrl-C, once a checkpoint is written
 */
export async function runTraining(job: TrainJob): Promise<void> {
  const run = await trainers[job.part]();
  job.terminal.result(await run(job));
}
