import { join } from 'node:path';
import type { ImageSet } from '@lascaux/data';
import type { Engine } from '@lascaux/nn';
import type { TrainingProgress, TrainingResult, TrainOptions } from '@lascaux/training';
import { checkRunFolder } from './check-run-folder.js';
import { dataRecording } from './data-record.js';
import { openData } from './open-data.js';
import { engineLimit, openEngine } from './open-engine.js';
import { recordedRun, resumedOptions } from './run-record.js';
import { partOptions, type PartOptions } from './train-options.js';
import type { TrainablePart, TrainedPart, TrainingCall } from './training-call.js';

/** What is known of a training before it is planned. */
export interface TrainingRequest<Part extends TrainablePart> {
  /** What is asked for, or what the run to resume was asked for. */
  readonly options: PartOptions<Part>;
  readonly isResumed: boolean;
  readonly set: ImageSet;
  readonly dtype: 'F16' | 'F32';
}

/** What every trainer is given, whatever the part. */
export interface TrainerOptions {
  readonly engine: Engine;
  /** The run folder. */
  readonly out: string;
  /** The engine's limit in floating-point operations per second. */
  readonly limit: number;
  readonly resume: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly replicas?: TrainOptions['replicas'];
  readonly onSharing?: TrainOptions['onSharing'];
}

/** Told how many images are prepared. */
export type OnPrepared = (done: number, total: number) => void;

/** The work on one part, once its options are checked. */
export interface PlannedTraining {
  readonly train: (common: TrainerOptions, onPrepared: OnPrepared) => Promise<TrainingResult>;
  /** Writes the model of a checkpoint. */
  readonly write: (checkpoint: string, directory: string) => Promise<void>;
}

/** A call, the part that it trains, and options that are neither the part's nor common to all. */
export interface PartCall<Part extends TrainablePart> {
  readonly part: Part;
  readonly call: TrainingCall;
  /** Options such as folders of other parts, which are not in the run's record. */
  readonly others?: readonly string[];
}

/**
 * Trains a part: checks its options, opens data and engine, trains in the run folder, and writes the model to its `model/`.
 * @param plan checks what depends on the data, and says how this part is trained and written
 * @throws {LascauxError} for anything the caller can mend, and when a loss is not finite; the signal's reason when it is aborted before the first step
 */
export async function trainPart<Part extends TrainablePart>(
  { part, call, others = [] }: PartCall<Part>,
  plan: (request: TrainingRequest<Part>) => Promise<PlannedTraining> | PlannedTraining,
): Promise<TrainedPart> {
  const { out, resume = false, dtype = 'F16', signal, onProgress, onNotice } = call;
  const asked = partOptions(part, call, others);
  await checkRunFolder(out);
  const recorded = await recordedRun({ part, out, resume });
  const options = recorded === undefined ? asked : resumedOptions(out, recorded, asked);
  const isResumed = recorded !== undefined;
  const set = await openData({ part, call }, options.batchSize);
  const recording = await dataRecording({ call, set, usesCaptions: part !== 'vae', isResumed });
  const { train, write } = await plan({ options, isResumed, set, dtype });
  if (resume && !isResumed) onNotice?.({ kind: 'fresh', out });
  const { engine, dispose } = await openEngine(call);
  try {
    const common = {
      ...{ engine, out, resume, signal },
      limit: await engineLimit(engine, options.images),
      onProgress: (progress: TrainingProgress): void => {
        recording.begin();
        onProgress?.({ what: 'images', ...progress });
      },
      ...sharingOf(part, { call, replicas: 'replicas' in options ? options.replicas : undefined }),
    };
    const result = await train(common, (done, total) => onProgress?.({ what: 'latents', done, total }));
    recording.begin(); // of a run that was stopped before it had progress to tell
    await recording.end();
    if (result.reason !== 'finished') return { ...result, model: undefined };
    const model = join(out, 'model');
    await write(result.checkpoint, model);
    return { ...result, model };
  } finally {
    await dispose();
  }
}

/**
 * How a training shares its batches: measured unless a number is given. The text encoder compares all captions of a batch with each other, so its
 * batches cannot be shared.
 */
function sharingOf(
  part: TrainablePart,
  { call, replicas }: { call: TrainingCall; replicas: number | undefined },
): Pick<TrainOptions, 'replicas' | 'onSharing'> {
  if (part === 'text-encoder') return {};
  return {
    replicas: replicas ?? 'measured',
    onSharing: (chosen, trials) => call.onNotice?.({ kind: 'sharing', replicas: chosen.replicas, trials }),
  };
}
