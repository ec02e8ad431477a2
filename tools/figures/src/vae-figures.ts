import { evaluateNll, type NllResult } from '@lascaux/evaluator/evaluate';
import { check } from '@lascaux/nn';
import type { FigureOptions } from './figure-options.js';

/** Figures of the autoencoder on held-out scenes. */
export interface VaeFigures {
  readonly scenes: number;
  readonly observation: NllResult['observation'];
  readonly autoencoder: NonNullable<NllResult['autoencoder']>;
}

/**
 * PSNR and ELBO of a model folder's autoencoder on held-out scenes, by `lascaux evaluate nll --only autoencoder`.
 * @throws {LascauxError} naming the file that is missing or broken
 */
export async function vaeFigures({ data, onProgress, ...options }: FigureOptions): Promise<VaeFigures> {
  const parts = ['autoencoder'] as const;
  const {
    pictures: scenes,
    observation,
    autoencoder,
  } = await evaluateNll({
    ...options,
    images: data,
    parts,
    onProgress: ({ done, total }) => onProgress?.(done, total),
  });
  check(autoencoder !== undefined, { operation: 'figures vae', rule: 'needs an autoencoder' });
  return { scenes, observation, autoencoder };
}
