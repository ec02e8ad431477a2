import { join } from 'node:path';
import type { ImageSet } from '@lascaux/data';
import type { Engine } from '@lascaux/nn';
import type { TrainingProgress, TrainingResult, TrainOptions } from '@lascaux/training';
import { Interrupted } from '../commands/terminal.js';
import { checkRunFolder } from './check-run-folder.js';
import { resumeCommand, stopIfInterrupted, summary } from './finish.js';
import { dataRecording } from './data-record.js';
import { openData } from './open-data.js';
import { engineLimit, openEngine } from './open-engine.js';
import { recordedRun, resumedOptions } from './run-record.js';
import type { TrainJob, TrainablePart } from './train-flags.js';
import type { PartOptions } from './train-options.js';
import { readOptions } from './train-options.js';
import type { TrainingDisplay } from './training-display.js';
import { trainingDisplay } from './training-display.js';
import { sharingOf } from './sharing-notes.js';
import { transparencyNotes } from './transparency-notes.js';

/** What is known of a training before it is planned. */
export interface TrainingRequest<Part extends TrainablePart> {
  readonly job: TrainJob;
  /** What the user asks for, or what the run to resume was asked for. */
  readonly options: PartOptions<Part>;
  readonly isResumed: boolean;
  readonly set: ImageSet;
}

/** What every trainer is given, whatever the part. */
export interface TrainerOptions {
  readonly engine: Engine;
  /** The run folder. */
  readonly out: string;
  /** The engine's limit in floating-point operations per second. */
  readonly limit: number;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly replicas?: TrainOptions['replicas'];
  readonly onSharing?: TrainOptions['onSharing'];
}

/** The work on one part, once its options are checked. */
export interface PlannedTraining {
  readonly train: (common: TrainerOptions, display: TrainingDisplay) => Promise<TrainingResult>;
  /** Writes the model of a checkpoint. */
  readonly write: (checkpoint: string, directory: string) => Promise<void>;
}

/**
 * Trains a part: reads its options, opens data and engine, trains in the run folder, and writes the model to its `model/`. Returns the line
 * that says what came out.
 * @param plan checks the options, and says how this part is trained and written
 * @throws {LascauxError} for anything the user can mend, and when a loss is not finite
 * @throws {Interrupted} after Ctrl-C, once a checkpoint is written
 */
export async function trainPart<Part extends TrainablePart>(
  job: TrainJob & { readonly part: Part },
  plan: (request: TrainingRequest<Part>) => Promise<PlannedTraining> | PlannedTraining,
): Promise<string> {
  const { flags, terminal } = job;
  const asked = await readOptions(job.part, flags);
  await checkRunFolder(flags.out);
  const recorded = await recordedRun(job);
  const options = recorded === undefined ? asked : resumedOptions(job, recorded, asked);
  const isResumed = recorded !== undefined;
  const transparency = transparencyNotes(terminal);
  const set = await openData(job, { batchSize: options.batchSize, onTransparent: transparency.met });
  const usesCaptions = job.part !== 'vae';
  const recording = await dataRecording({
    ...{ out: flags.out, data: flags.data, resume: resumeCommand(job) },
    ...{ set, usesCaptions, isResumed },
  });
  const { train, write } = await plan({ job, options, isResumed, set });
  if (flags.resume && !isResumed) terminal.note(`nothing to resume in ${flags.out}: a new run begins`);
  const engine = await openEngine(job);
  const display = trainingDisplay(terminal);
  try {
    const limit = await engineLimit(engine, options.images);
    const { signal } = terminal;
    const onProgress = (progress: TrainingProgress): void => {
      recording.begin();
      display.update(progress);
    };
    const common = {
      engine,
      out: flags.out,
      limit,
      resume: flags.resume,
      signal,
      onProgress,
      ...sharingOf(job, 'replicas' in options ? options.replicas : undefined),
    };
    const result = await train(common, display);
    recording.begin(); // of a run that was stopped before it had progress to tell
    await recording.end();
    display.stop();
    stopIfInterrupted(job, result);
    const directory = join(flags.out, 'model');
    await write(result.checkpoint, directory);
    return await summary(directory, result);
  } catch (error) {
    if (error !== terminal.signal.reason) throw error;
    // Stopped while pictures were prepared: the record is as it was.
    throw new Interrupted(isResumed ? `go on with: ${resumeCommand(job)}` : 'no step was done; start again');
  } finally {
    display.stop();
    transparency.finish();
    await engine.dispose();
  }
}
