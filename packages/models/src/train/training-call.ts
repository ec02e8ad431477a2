import type { ImageSet, InMemoryImage } from '@lascaux/data';
import type { Engine } from '@lascaux/nn';
import type { ReplicaTrial, TrainingProgress, TrainingResult } from '@lascaux/training';

/** The parts of a model that can be trained. */
export type TrainablePart = 'vae' | 'text-encoder' | 'denoiser';

/** How far a training is: images seen, or images whose latents are made before it begins. */
export type PartProgress =
  | ({ readonly what: 'images' } & TrainingProgress)
  | { readonly what: 'latents'; readonly done: number; readonly total: number };

/** What is worth knowing while a part is trained. */
export type TrainingNotice =
  /** The images that were found; `captions` says whether these count. */
  | { readonly kind: 'data'; readonly set: ImageSet; readonly captions: boolean }
  /** A batch is larger than the set, so that some images come twice in it. */
  | { readonly kind: 'few'; readonly images: number; readonly batchSize: number }
  /** An image has transparent parts; white is laid behind them. */
  | { readonly kind: 'transparent'; readonly name: string }
  /** There is nothing to resume: a new run begins. */
  | { readonly kind: 'fresh'; readonly out: string }
  /** Where the training runs, and why. */
  | { readonly kind: 'engine'; readonly reason: string; readonly threads?: number }
  /** How batches are shared, and what was tried to find that out. */
  | { readonly kind: 'sharing'; readonly replicas: number; readonly trials: readonly ReplicaTrial[] };

/** Options of every training. */
export interface TrainingCall {
  /** Images, with captions where the part needs them: a folder, WebDataset archives (`name-{000..012}.tar`), an opened set, or decoded images. */
  readonly data: string | ImageSet | readonly InMemoryImage[];
  /** Metadata column, or key of a WebDataset's json, that holds the captions. Default `text`. */
  readonly captionColumn?: string;
  /** The run folder to write; the model goes to its `model/`. */
  readonly out: string;
  /** Go on with the run in `out` where it stopped; options that are left out are the run's. Default false. */
  readonly resume?: boolean;
  /** `onnx`, `tfjs`, or an engine of the caller's, who disposes of it. Default: the fastest that is there. */
  readonly engine?: string | Engine;
  /** `cpu`, `webgpu`, `cuda` … Default: the fastest that the engine has. */
  readonly device?: string;
  /** Threads of the engine `onnx` on the CPU. Default: the engine's choice. */
  readonly threads?: number;
  /** Element type of the weights that are written at the end. Default `F16`. */
  readonly dtype?: 'F16' | 'F32';
  /** Kept in the run's record (`data.json`): the command that goes on with it, for who meets the unfinished run. */
  readonly resumeCommand?: string;
  /** Aborting saves a checkpoint and returns. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PartProgress) => void;
  readonly onNotice?: (notice: TrainingNotice) => void;
}

/** Its keys, which are not among a part's own options. */
export const CALL_KEYS = [
  ...(['data', 'captionColumn', 'out', 'resume', 'engine', 'device', 'threads', 'dtype', 'resumeCommand'] as const),
  ...(['signal', 'onProgress', 'onNotice'] as const),
] as const satisfies readonly (keyof TrainingCall)[];

/** What a training gave. */
export interface TrainedPart extends TrainingResult {
  /** The folder of the model that was written; undefined where the training was aborted. */
  readonly model: string | undefined;
}
