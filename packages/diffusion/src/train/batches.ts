import type { RandomStream } from '@lascaux/nn';
import { check } from '@lascaux/nn';
import type { BatchFunction } from '@lascaux/training';
import type { DenoiserTarget } from './step.js';

/** Latents with their embedded captions, held in memory. */
export interface LatentSet {
  /** Number of pictures. */
  readonly length: number;
  /** The scaled latent of picture i, [C, h, w]. */
  latent(i: number): Float32Array;
  /** The embedded caption of picture i, [tokens, D]; several pictures may share one. */
  embedding(i: number): Float32Array;
  /** The embedding of the empty text, [tokens, D]: what a dropped caption becomes. */
  readonly unconditional: Float32Array;
}

/** How samples of the noising process are drawn. */
export interface NoisingOptions {
  /** ᾱ of every timestep. */
  readonly alphaBars: ArrayLike<number>;
  readonly target: DenoiserTarget;
  /** Share of captions replaced by the empty text, for classifier-free guidance (Ho and Salimans 2021). */
  readonly dropout: number;
  /** γ of min-SNR weighting (Hang et al. 2023, equation 7); Infinity: no weighting, the plain error of the target (Ho et al. 2020, L_simple). */
  readonly gamma: number;
}

/** The weight of a timestep: min(SNR, γ), divided by what the target's own scale already brings (Hang et al. 2023, section 3.4). */
export function minSnrWeight(alphaBar: number, { target, gamma }: Pick<NoisingOptions, 'target' | 'gamma'>): number {
  if (gamma === Infinity) return 1;
  const snr = alphaBar / Math.max(1 - alphaBar, 1e-12);
  const clipped = Math.min(snr, gamma);
  if (target === 'sample') return clipped;
  return target === 'epsilon' ? clipped / Math.max(snr, 1e-12) : clipped / (snr + 1);
}

/** Timesteps spread evenly over the batch with one random shift, so that each batch sees all noise levels (Kingma et al. 2021, appendix I.1). */
export function stratifiedTimesteps(count: number, total: number, random: RandomStream): Int32Array {
  const shift = random.uniform();
  return Int32Array.from({ length: count }, (_, k) =>
    Math.min(total - 1, Math.floor((((k + shift) / count) % 1) * total)),
  );
}

/** Batches of noised latents; everything random comes from the stream of the position. */
export function denoiserBatches(
  set: LatentSet,
  {
    batchSize,
    indexAt,
    noising,
  }: { batchSize: number; indexAt: (position: number) => number; noising: NoisingOptions },
): BatchFunction {
  check(set.length > 0, {
    operation: 'train denoiser',
    rule: 'needs at least one latent',
    value: set.length,
    kind: 'usage',
  });
  const size = set.latent(0).length;
  const width = set.unconditional.length;
  return ({ imagesSeen, random }) => {
    const latent = new Float32Array(batchSize * size);
    const embedding = new Float32Array(batchSize * width);
    const timesteps = stratifiedTimesteps(batchSize, noising.alphaBars.length, random);
    for (let k = 0; k < batchSize; k++) {
      const index = indexAt(imagesSeen + k);
      latent.set(set.latent(index), k * size);
      embedding.set(random.uniform() < noising.dropout ? set.unconditional : set.embedding(index), k * width);
    }
    const each = (value: (alphaBar: number) => number): Float32Array =>
      Float32Array.from(timesteps, (t) => value(noising.alphaBars[t] as number));
    const inputs = {
      latent,
      embedding,
      noise: random.normal(batchSize * size),
      timestep: Float32Array.from(timesteps),
      signal: each(Math.sqrt),
      sigma: each((alphaBar) => Math.sqrt(1 - alphaBar)),
      weight: each((alphaBar) => minSnrWeight(alphaBar, noising)),
    };
    return { inputs, images: batchSize };
  };
}
