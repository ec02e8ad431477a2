import type { DenoiserTraining, TrainedPart, TrainingCall } from '@lascaux/models/train';
import { Interrupted } from '../commands/terminal.js';
import { resumeCommand, summary } from './finish.js';
import { nameConfigFile, readOptions } from './read-options.js';
import type { TrainJob } from './train-flags.js';
import { trainingDisplay } from './training-display.js';
import { trainingNotes } from './training-notes.js';

/**
 * Trains a part, writes its model, and prints the line that says so.
 * @throws {LascauxError} for anything the user can mend, and when a loss is not finite
 * @throws {Interrupted} after Ctrl-C, once a checkpoint is written
 */
export async function runTraining(job: TrainJob): Promise<void> {
  const { flags, terminal } = job;
  const { data, captionColumn, out, resume, engine, device, threads, dtype } = flags;
  const display = trainingDisplay(terminal);
  const notes = trainingNotes(terminal);
  const call: TrainingCall = {
    ...{ data, captionColumn, out, resume, engine, device, threads, dtype },
    resumeCommand: resumeCommand(job),
    signal: terminal.signal,
    onNotice: notes.tell,
    onProgress: (progress) =>
      progress.what === 'images'
        ? display.update(progress)
        : display.prepare(progress.what, progress.done, progress.total),
  };
  try {
    const trained = await train(job, call);
    display.stop();
    if (trained.model === undefined)
      throw new Interrupted(`saved after ${trained.imagesSeen} images; go on with: ${resumeCommand(job)}`);
    terminal.result(await summary(trained.model, trained));
  } catch (error) {
    if (error !== terminal.signal.reason) nameConfigFile(error, flags);
    // Stopped while pictures were prepared: the record is as it was.
    const isResumed = resume && !notes.isFresh();
    throw new Interrupted(isResumed ? `go on with: ${resumeCommand(job)}` : 'no step was done; start again');
  } finally {
    display.stop();
    notes.finish();
  }
}

/** Calls the trainer of the part; the library is loaded when one is asked for. */
async function train({ part, flags }: TrainJob, call: TrainingCall): Promise<TrainedPart> {
  const { trainDenoiser, trainTextEncoder, trainVae } = await import('@lascaux/models/train');
  const { initial, vae, textEncoder } = flags;
  switch (part) {
    case 'vae':
      return trainVae({ ...(await readOptions(part, flags)), ...call, initial });
    case 'text-encoder':
      return trainTextEncoder({ ...(await readOptions(part, flags)), ...call });
    case 'denoiser': {
      const stages = { vae, textEncoder, initial } as Pick<DenoiserTraining, 'vae' | 'textEncoder' | 'initial'>;
      return trainDenoiser({ ...(await readOptions(part, flags)), ...call, ...stages });
    }
  }
}
