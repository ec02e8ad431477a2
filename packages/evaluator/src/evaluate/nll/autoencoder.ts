import { continuousTerm, discreteTerm } from '@lascaux/diffusion/bound';
import {
  diagonalGaussianKl,
  diagonalGaussianNegativeLogDensity,
  importanceWeightedBound,
  meanSquaredError,
} from '../../index.js';
import type { RandomStream } from '@lascaux/nn';
import { samplePosterior, scaleLatent, type Posterior, type VaeDecoder, type VaeEncoder } from '@lascaux/vae';
import { nllTerm, type NllTerm } from './term.js';

/** What the bounds need of an autoencoder. */
export interface Autoencoder {
  readonly encoder: Pick<VaeEncoder, 'posterior'>;
  readonly decoder: Pick<VaeDecoder, 'config' | 'decode'>;
  /** Width and height of its pictures. */
  readonly size: number;
}

/** A picture with its posterior. */
export interface EncodedPicture {
  /** [3, size, size] in [−1, 1] */
  readonly pixels: Float32Array;
  readonly posterior: Posterior;
}

/** How one picture is judged. */
export interface PictureBoundOptions {
  /** ln σ² of p(x | z). */
  readonly logVariance: number;
  /** Posterior samples, k. */
  readonly samples: number;
  readonly stream: RandomStream;
  /** Called before each sample; throws to stop. */
  readonly onSample?: () => void;
}

/** The bounds on −ln p(x) of one picture, in nats. */
export interface PictureBounds {
  /** dB, decoded from the posterior's mean, not clamped. */
  readonly psnr: number;
  /** KL(q(z | x) ‖ p(z)), exact. */
  readonly divergence: number;
  /** −ln p(x | z), mean over the samples. */
  readonly reconstruction: number;
  /** −ln P(x | z) of the pixel values as 256 steps, mean over the samples. */
  readonly discreteReconstruction: number;
  /** −ln (1/k) Σ w. */
  readonly importanceWeighted: number;
  readonly discreteImportanceWeighted: number;
}

/** Number of values that a pixel of a decoded file can have. */
export const PIXEL_LEVELS = 256;

/** The picture a raw latent stands for: [3, size, size]. */
export async function decodeRaw({ decoder, size }: Autoencoder, latent: Float32Array): Promise<Float32Array> {
  const { latentChannels, scaling } = decoder.config;
  return decoder.decode(scaleLatent(latent, latentChannels, scaling), { height: size, width: size });
}

/** Encodes pixels [3, size, size]. */
export async function encodePicture({ encoder, size }: Autoencoder, pixels: Float32Array): Promise<EncodedPicture> {
  return { pixels, posterior: await encoder.posterior(pixels, { height: size, width: size }) };
}

/**
 * The ELBO's two terms and the importance-weighted bound from the same k samples (Kingma and Welling 2014, eq. 3; Burda et al. 2016, eq. 8),
 * each for pixels as continuous values and as 256 steps.
 */
export async function pictureBounds(
  autoencoder: Autoencoder,
  { pixels, posterior }: EncodedPicture,
  { logVariance, samples, stream, onSample }: PictureBoundOptions,
): Promise<PictureBounds> {
  const deviation = Math.exp(logVariance / 2);
  const q = { parameters: Float32Array.of(...posterior.mean, ...posterior.logVariance), count: 1 };
  const prior = { parameters: new Float32Array(q.parameters.length), count: 1 };
  const [continuous, discrete, logRatios] = [[] as number[], [] as number[], [] as number[]];
  const atMean = meanSquaredError(pixels, await decodeRaw(autoencoder, posterior.mean));
  for (let k = 0; k < samples; k++) {
    onSample?.();
    const z = samplePosterior(posterior, stream.normal(posterior.mean.length));
    const decoded = await decodeRaw(autoencoder, z);
    continuous.push(continuousTerm(pixels, decoded, deviation));
    discrete.push(discreteTerm(pixels, decoded, { deviation, levels: PIXEL_LEVELS }));
    // ln p(z) − ln q(z | x)
    logRatios.push(diagonalGaussianNegativeLogDensity(q, z)[0]! - diagonalGaussianNegativeLogDensity(prior, z)[0]!);
  }
  const weighted = (nats: readonly number[]): number =>
    -importanceWeightedBound(nats.map((value, k) => logRatios[k]! - value));
  return {
    psnr: 10 * Math.log10(4 / atMean),
    divergence: diagonalGaussianKl(q)[0]!,
    reconstruction: mean(continuous),
    discreteReconstruction: mean(discrete),
    importanceWeighted: weighted(continuous),
    discreteImportanceWeighted: weighted(discrete),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Bounds on −ln p(x), over a set of pictures. */
export interface AutoencoderNll {
  /** D: values of a picture, 3·width·height. */
  readonly dimensions: number;
  /** k. */
  readonly samples: number;
  readonly psnr: { readonly mean: number; readonly error: number };
  /** KL(q(z | x) ‖ p(z)). */
  readonly divergence: NllTerm;
  /** x as continuous values in [−1, 1]: densities, which may exceed 1, so that nats may be negative. */
  readonly continuous: BoundTerms;
  /** x as 256 values a channel, the normal's mass between the half-way points: probabilities, so never negative. */
  readonly discrete: BoundTerms;
}

/** One bound's parts. */
export interface BoundTerms {
  /** −ln p(x | z). */
  readonly reconstruction: NllTerm;
  /** Reconstruction and divergence. */
  readonly negativeElbo: NllTerm;
  /** Of k samples; equal to a sampled −ELBO for k = 1. */
  readonly importanceWeighted: NllTerm;
}

/** Joins the bounds of single pictures of D values. */
export function autoencoderNll(
  bounds: readonly PictureBounds[],
  { dimensions, samples }: { readonly dimensions: number; readonly samples: number },
): AutoencoderNll {
  const term = (pick: (bound: PictureBounds) => number): NllTerm => nllTerm(bounds.map(pick), dimensions);
  const psnr = bounds.map((bound) => bound.psnr);
  const psnrMean = mean(psnr);
  return {
    dimensions,
    samples,
    psnr: { mean: psnrMean, error: nllTerm(psnr, 1).natsError },
    divergence: term(({ divergence }) => divergence),
    continuous: {
      reconstruction: term(({ reconstruction }) => reconstruction),
      negativeElbo: term(({ reconstruction, divergence }) => reconstruction + divergence),
      importanceWeighted: term(({ importanceWeighted }) => importanceWeighted),
    },
    discrete: {
      reconstruction: term(({ discreteReconstruction }) => discreteReconstruction),
      negativeElbo: term(({ discreteReconstruction, divergence }) => discreteReconstruction + divergence),
      importanceWeighted: term(({ discreteImportanceWeighted }) => discreteImportanceWeighted),
    },
  };
}
