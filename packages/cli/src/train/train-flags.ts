import type { TrainablePart } from '@lascaux/models/train';
import type { Terminal } from '../commands/terminal.js';

/** The flags of `train` for any part, already checked one by one; a part looks only at its own. */
export interface TrainFlags {
  /** Training pictures: a folder, or WebDataset archives. */
  readonly data: string;
  /** Metadata column, or key of a WebDataset's json, that holds the captions. */
  readonly captionColumn?: string;
  /** Run folder to write. */
  readonly out: string;
  /** JSON file of options; flags win over it. */
  readonly config?: string;
  /** Go on with the run in `out` where it stopped. */
  readonly resume: boolean;
  readonly engine?: string;
  readonly device?: string;
  readonly threads?: number;
  /** Element type of the weights that are written at the end. */
  readonly dtype: 'F16' | 'F32';
  readonly batchSize?: number;
  /** VAE and denoiser: threads that share each batch; default: as a trial finds fastest. */
  readonly replicas?: number;
  /** VAE and denoiser: shares of a batch that are taken one after another. */
  readonly accumulation?: number;
  /** Length of the training, counted in images seen. */
  readonly images?: number;
  readonly seed?: number;
  /** Width and height of the training pictures in pixels. */
  readonly size?: number;
  /** Highest learning rate. */
  readonly rate?: number;
  /** VAE: weight of the divergence. */
  readonly beta?: number;
  /** VAE: train the decoder alone. */
  readonly freezeEncoder?: boolean;
  /** VAE and denoiser: model folder whose weights are the first ones. */
  readonly initial?: string;
  /** Denoiser: model or run folder with the VAE. */
  readonly vae?: string;
  /** Denoiser: model or run folder with the text encoder. */
  readonly textEncoder?: string;
  /** Denoiser: share of captions dropped. */
  readonly dropout?: number;
  /** Denoiser: γ of min-SNR weighting. */
  readonly gamma?: number;
}

/** A training of one part: flags, and where to report. */
export interface TrainJob {
  readonly part: TrainablePart;
  readonly flags: TrainFlags;
  readonly terminal: Terminal;
}
