import type { DeviceTensors, Engine } from '@lascaux/nn';
import type { BatchFunction, Position } from './batches.js';
import type { RunFolder } from './run-folder.js';
import type { Sharing } from './split-step.js';
import type { TrainingStep } from './training-step.js';

/** The weights of a running training, lent to a hook for the time of its call. */
export interface TrainingView extends Position {
  readonly engine: Engine;
  /** By parameter name: the running average where there is one; on the device, not to be disposed. */
  readonly weights: DeviceTensors;
  readonly folder: RunFolder;
}

/** Judges weights; lower is better. */
export type ScoreFunction = (view: TrainingView) => Promise<number> | number;

/** Progress of a run. */
export interface TrainingProgress extends Position {
  readonly totalImages: number;
  /** Of the latest step whose loss has been read. */
  readonly loss: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** Seconds a step with a number of replicas. */
export interface ReplicaTrial {
  readonly replicas: number;
  readonly secondsPerStep: number;
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
  /**
   * Threads that share each batch, on the onnx engine's CPU; default 1; `measured`: what a trial of a few steps finds fastest. A run is resumed
   * with as many as it began with.
   */
  readonly replicas?: number | 'measured';
  /** Shares of a batch that each replica takes one after another, so that less memory is needed; default 1. As fixed for a run as replicas. */
  readonly accumulation?: number;
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
  /** Told how batches are shared, and what was tried to find that out. */
  readonly onSharing?: (sharing: Sharing, trials: readonly ReplicaTrial[]) => void;
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
