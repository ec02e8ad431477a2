import type { Engine } from '@lascaux/nn';
import { LascauxError, check, writeFileAtomically } from '@lascaux/nn';
import type { BatchFunction, Position } from './batches.js';
import { batchQueue } from './batches.js';
import { latestCheckpoint, readCheckpoint } from './checkpoint.js';
import type { HostState } from './device-state.js';
import { deviceState, firstState } from './device-state.js';
import { initializeParameters } from './initialize.js';
import { rewindMetrics } from './metrics-log.js';
import type { RunFolder } from './run-folder.js';
import { openRunFolder, removeLeftovers } from './run-folder.js';
import { runRecorder } from './run-recorder.js';
import type { ScoreFunction, TrainingView } from './run-recorder.js';
import { stepRunner } from './step-runner.js';
import type { TrainingStep } from './training-step.js';

/** How far a run is. */
export interface TrainingProgress extends Position {
  readonly totalImages: number;
  /** Of the latest step whose loss has been read. */
  readonly loss: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** Options of `train`. */
export interface TrainOptions {
  readonly engine: Engine;
  readonly step: TrainingStep;
  readonly batch: BatchFunction;
  /** The run folder; made when it is not there. */
  readonly directory: string;
  readonly seed: number;
  /** The run ends once this many images were seen, counted from the very first step. */
  readonly totalImages: number;
  /** The rate of a step from the images seen when it is done. */
  readonly learningRate: (imagesSeen: number) => number;
  /** Decay of the running average, after its warm-up; default 0.999. */
  readonly emaDecay?: number;
  /** The resolved configuration, for `options.json` and the checkpoints. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** First values of parameters by name; the others are drawn by their initialiser. */
  readonly initial?: ReadonlyMap<string, Float32Array>;
  /** Go on from the last checkpoint, if there is one; default false. */
  readonly resume?: boolean;
  /** How often a checkpoint is written, by either measure; default: every 10 minutes. */
  readonly checkpointEvery?: { readonly images?: number; readonly minutes?: number };
  /** Checkpoints kept beside the best one; default 2. */
  readonly keepLast?: number;
  /** Images between lines of `metrics.jsonl`; default a thousandth of the run. */
  readonly logEvery?: number;
  /** Images between calls of `onSample`; default a twentieth of the run. */
  readonly sampleEvery?: number;
  /** The machine's limit in floating-point operations per second (see `measureLimit`), for the log. */
  readonly limit?: number;
  /** Aborting saves a checkpoint and returns. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Makes sample pictures, in `view.folder.samples`. */
  readonly onSample?: (view: TrainingView) => Promise<void> | void;
  /** Judges the weights at each checkpoint, lower is better; default: the mean loss since the checkpoint before. */
  readonly score?: ScoreFunction;
}

/** How a run ended. */
export interface TrainingResult extends Position {
  readonly reason: 'finished' | 'aborted';
  readonly folder: RunFolder;
  /** The checkpoint of the end. */
  readonly checkpoint: string;
}

/**
 * Trains: runs the step on batch after batch and keeps the record of it in the run folder (`options.json`, `metrics.jsonl`, `loss.svg`,
 * `checkpoints/`, `samples/`). A run that was killed and resumed ends with the same weights as one that never stopped.
 * @throws {LascauxError} when the loss or a gradient is not finite (the last good checkpoint stays), when the folder holds another run,
 *   and when a batch does not fit the step
 */
export async function train(options: TrainOptions): Promise<TrainingResult> {
  const { engine, step, directory, seed, totalImages } = options;
  check(totalImages > 0, { operation: 'train', rule: 'totalImages must be above 0', value: totalImages, kind: 'usage' });
  const folder = await openRunFolder(directory);
  const start = await startingPoint(options, folder);
  await writeFileAtomically(folder.options, `${JSON.stringify({ seed, totalImages, optimizer: step.optimizer.name, engine: engine.name, device: engine.device, config: options.config }, null, 2)}\n`);

  const executable = await engine.compile(step.program);
  const state = deviceState(engine, step, start.state);
  const recorder = await runRecorder({ ...options, folder, state, start });
  const runner = stepRunner({ engine, executable, step, state, learningRate: options.learningRate, emaDecay: options.emaDecay ?? 0.999 });
  const queue = batchQueue({ batch: options.batch, seed, from: start, totalImages });
  const stopped = abortion(options.signal);
  let position: Position = { imagesSeen: start.imagesSeen, step: start.step };
  try {
    while (position.imagesSeen < totalImages && options.signal?.aborted !== true) {
      const waitingSince = performance.now();
      const batch = await Promise.race([queue.next(), stopped]);
      if (batch === undefined) break;
      const waited = (performance.now() - waitingSince) / 1000;
      const done = await runner.run(batch, position);
      position = done.position;
      await recorder.record({ ...done, waited, images: batch.images });
    }
    const reason = position.imagesSeen >= totalImages ? 'finished' : 'aborted';
    return { ...position, reason, folder, checkpoint: await recorder.finish(position, reason) };
  } finally {
    queue.close();
    state.dispose();
    await executable.dispose();
  }
}

/** Resolves to undefined when the signal aborts. */
function abortion(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

async function startingPoint({ step, seed, initial, resume = false }: TrainOptions, folder: RunFolder): Promise<Position & { readonly state: HostState; readonly path?: string }> {
  const path = await latestCheckpoint(folder);
  if (path === undefined) {
    await removeLeftovers(folder);
    await rewindMetrics(folder.metrics, 0);
    return { imagesSeen: 0, step: 0, state: firstState(step, firstParameters(step, seed, initial)) };
  }
  check(resume, { operation: 'train', rule: 'the folder already holds a run: resume it, or name another folder', value: folder.directory, kind: 'usage' });
  const checkpoint = await readCheckpoint(path, step);
  check(checkpoint.seed === seed, { operation: 'train', rule: `the run in ${folder.directory} has seed ${checkpoint.seed}`, value: seed, kind: 'usage' });
  check(checkpoint.optimizer === step.optimizer.name, { operation: 'train', rule: `the run in ${folder.directory} uses ${checkpoint.optimizer}`, value: step.optimizer.name, kind: 'usage' });
  await removeLeftovers(folder);
  await rewindMetrics(folder.metrics, checkpoint.imagesSeen);
  return { imagesSeen: checkpoint.imagesSeen, step: checkpoint.step, state: checkpoint.state, path };
}

function firstParameters(step: TrainingStep, seed: number, initial: ReadonlyMap<string, Float32Array> = new Map()): ReadonlyMap<string, Float32Array> {
  const known = new Set(step.parameters.map(({ name }) => name));
  for (const name of initial.keys()) if (!known.has(name)) throw new LascauxError({ operation: 'train', rule: 'initial names a parameter that the loss does not ask for', value: name });
  const drawn = initializeParameters(step.parameters.filter(({ name }) => !initial.has(name)), seed);
  return new Map([...drawn, ...initial]);
}
