import type { TrainablePart } from '@lascaux/models/train';

/** What `--help` says of an option that is left out. The trainers' own numbers, in words: they are not loaded for a help text. */
export interface TrainDefaults {
  readonly images: string;
  readonly batchSize: string;
  readonly rate: string;
  readonly seed: string;
  readonly size: string;
  readonly beta?: string;
  readonly dropout?: string;
  readonly gamma?: string;
}

/** Defaults of each part. */
export const trainDefaults = {
  vae: {
    images: '40000',
    batchSize: '16',
    rate: '0.003',
    seed: '0',
    size: "that of --config's network, else 64",
    beta: '1',
  },
  'text-encoder': { images: '30000', batchSize: '64', rate: '0.002', seed: '0', size: '64' },
  denoiser: {
    images: '300000',
    batchSize: '64',
    rate: '0.002',
    seed: '0',
    size: "the VAE's",
    dropout: '0.1',
    gamma: 'none',
  },
} as const satisfies Record<TrainablePart, TrainDefaults>;
