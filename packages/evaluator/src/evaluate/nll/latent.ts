import { addNoise, type Denoiser, type NoiseLevel } from '@lascaux/diffusion';
import {
  continuousTerm,
  discreteTerm,
  stratifiedBound,
  type StratifiedBound,
  type Stratum,
} from '@lascaux/diffusion/bound';
import type { RandomStream } from '@lascaux/nn';
import type { Autoencoder } from './autoencoder.js';
import { PIXEL_LEVELS } from './autoencoder.js';
import { nllTerm, type NllTerm } from './term.js';

/** What the bounds need of a diffusion model. */
export interface LatentModel {
  /** Conditioned on the picture's caption. */
  readonly denoiser: Denoiser<Float32Array>;
  /** The level of each integer timestep of training. */
  readonly levelAt: (timestep: number) => NoiseLevel;
  readonly strata: readonly Stratum[];
}

/** Randomness of one picture, and how to stop. */
export interface LatentRun {
  readonly stream: RandomStream;
  readonly signal?: AbortSignal | undefined;
}

/** The variational bound on −ln p(z | caption) of one scaled latent. */
export async function latentBound(
  { denoiser, levelAt, strata }: LatentModel,
  latent: Float32Array,
  { stream, signal }: LatentRun,
): Promise<StratifiedBound> {
  return stratifiedBound(denoiser, latent, {
    levelAt,
    strata,
    noiseSource: (size) => stream.normal(size),
    uniform: () => stream.uniform(),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** −ln p(x | x_t) of one picture at one place where the chain may stop, in nats. */
export interface Distortion {
  readonly continuous: number;
  readonly discrete: number;
}

/** One picture whose chain is stopped early. */
export interface StopOptions extends LatentRun {
  /** [3, size, size] in [−1, 1] */
  readonly pixels: Float32Array;
  /** Its scaled latent. */
  readonly latent: Float32Array;
  /** ln σ² of p(x | z). */
  readonly logVariance: number;
}

/**
 * How well each stop explains the picture: at the timestep before each stratum, x_t is drawn and its denoised estimate decoded.
 * @returns one a stratum, the cleanest first
 */
export async function distortions(
  { denoiser, levelAt, strata }: LatentModel,
  { decoder, size }: Pick<Autoencoder, 'decoder' | 'size'>,
  { pixels, latent, logVariance, stream, signal }: StopOptions,
): Promise<Distortion[]> {
  const deviation = Math.exp(logVariance / 2);
  const found: Distortion[] = [];
  for (const { first } of strata) {
    signal?.throwIfAborted();
    const level = levelAt(first - 1);
    const { denoised } = await denoiser(addNoise(latent, stream.normal(latent.length), level), level);
    const decoded = await decoder.decode(denoised, { height: size, width: size });
    found.push({
      continuous: continuousTerm(pixels, decoded, deviation),
      discrete: discreteTerm(pixels, decoded, { deviation, levels: PIXEL_LEVELS }),
    });
  }
  return found;
}

/** The variational bound over a set of latents, with one choice of σ_t². */
export interface LatentTerms {
  /** L_T */
  readonly prior: NllTerm;
  /** Σ L_{t−1} */
  readonly steps: NllTerm;
  /** L_0 */
  readonly reconstruction: NllTerm;
  readonly total: NllTerm;
}

/** The two choices of σ_t² (Ho et al. 2020, section 3.2). */
export const variances = ['fixed_small', 'fixed_large'] as const;

/** One of them. */
export type Variance = (typeof variances)[number];

/** L_{t−1} summed over a stratum, mean over pictures, bits per dimension of the latent. */
export interface StratumTerm extends Stratum, Readonly<Record<Variance, number>> {}

/** Bounds on −ln p(z) of scaled latents, over a set of pictures. */
export interface LatentNll {
  /** D: values of a latent. */
  readonly dimensions: number;
  /** T. */
  readonly timesteps: number;
  /** Whether captions were given. */
  readonly conditioned: boolean;
  readonly strata: readonly StratumTerm[];
  readonly terms: Readonly<Record<Variance, LatentTerms>>;
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
const stepsOf = ({ small, large }: StratifiedBound, variance: Variance): Float64Array =>
  variance === 'fixed_small' ? small : large;

/** Joins the bounds of single latents. */
export function latentNll(
  bounds: readonly StratifiedBound[],
  facts: Pick<LatentNll, 'dimensions' | 'timesteps' | 'conditioned'> & { readonly strata: readonly Stratum[] },
): LatentNll {
  const { dimensions, strata } = facts;
  const term = (pick: (bound: StratifiedBound) => number): NllTerm => nllTerm(bounds.map(pick), dimensions);
  const terms = (variance: Variance): LatentTerms => ({
    prior: term(({ prior }) => prior),
    steps: term((bound) => sum(stepsOf(bound, variance))),
    reconstruction: term(({ reconstruction }) => reconstruction),
    total: term((bound) => bound.prior + sum(stepsOf(bound, variance)) + bound.reconstruction),
  });
  const inStratum = (k: number, variance: Variance): number =>
    term((bound) => stepsOf(bound, variance)[k]!).bitsPerDimension;
  return {
    ...facts,
    strata: strata.map(({ first, last }, k) => ({
      first,
      last,
      fixed_small: inStratum(k, 'fixed_small'),
      fixed_large: inStratum(k, 'fixed_large'),
    })),
    terms: { fixed_small: terms('fixed_small'), fixed_large: terms('fixed_large') },
  };
}
