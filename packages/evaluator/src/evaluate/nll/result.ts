import type { AutoencoderNll } from './autoencoder.js';
import type { JointNll } from './joint.js';
import type { LatentNll } from './latent.js';
import type { ObservationVariance } from './observation.js';

/** The bounds that can be asked for. */
export const nllParts = ['autoencoder', 'latent', 'joint'] as const;

/** One of them. */
export type NllPart = (typeof nllParts)[number];

/** What one picture contributed: −ELBO as 256 steps where the autoencoder was judged, else the latent's bound with σ_t² = β_t. */
export interface NllPicture {
  readonly name: string;
  readonly caption: string;
  readonly bitsPerDimension: number;
}

/** Bounds on the negative log-likelihood of a folder of pictures under a model. Parts not asked for are absent. */
export interface NllResult {
  readonly model: string;
  readonly data: string;
  /** Pictures judged. */
  readonly pictures: number;
  /** Width and height that they were brought to. */
  readonly size: number;
  readonly seed: number;
  readonly observation: ObservationVariance;
  /** In the order of the set. */
  readonly perPicture: readonly NllPicture[];
  readonly autoencoder?: AutoencoderNll;
  readonly latent?: LatentNll;
  readonly joint?: JointNll;
}

/** What each part's numbers mean. */
export const nllConventions: Readonly<Record<NllPart, string>> = {
  autoencoder:
    'x in [−1, 1] (byte/127.5 − 1), D = 3·width·height; z ~ q(z|x), p(z) = N(0, I), p(x|z) = N(decoder(z), σ²I). ' +
    'Continuous: −ln of the density, in these units, so it may be negative. Discrete: −ln of the normal’s mass in the bin of each of 256 values, ' +
    'bins 2/255 wide, the outermost two reaching to infinity: bits a byte',
  latent:
    'z is the posterior mean in the scaled units of the denoiser (deviation about 1), D its number of values; ' +
    '−ln p(z|caption) ≤ L_T + Σ L_{t−1} + L_0 (DDPM eq. 5), no guidance; L_0 is −ln of a density with variance β_1, so it may be negative; ' +
    'bits a value of the latent, not of the picture',
  joint:
    '−ln p(x|caption) ≤ rate + distortion of the chain x_T … x_t, x: rate = L_T + Σ L down to x_t, with q(x_t|x) = N(α_t·mean of q(z|x), σ_t²), ' +
    'distortion = −ln p(x | decoder(estimate of z from x_t)); each t is a bound, the least over t is given',
};
