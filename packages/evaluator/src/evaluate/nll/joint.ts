import type { StratifiedBound, Stratum } from '@lascaux/diffusion/bound';
import type { Distortion, Variance } from './latent.js';
import { variances } from './latent.js';
import { nllTerm, type NllTerm } from './term.js';

/** One place where the reverse chain may stop and the decoder take over. */
export interface JointStop {
  /** The last latent is x_t of this timestep, counted from 0. */
  readonly timestep: number;
  readonly variance: Variance;
  /** KL of the chain down to x_t: L_T + Σ L. */
  readonly rate: NllTerm;
  /** −ln p(x | x_t), 256 steps a channel. */
  readonly distortion: NllTerm;
  /** Their sum for pixels as 256 steps and as continuous values. */
  readonly discrete: NllTerm;
  readonly continuous: NllTerm;
}

/** The bound on −ln p(x | caption) of the whole model. */
export interface JointNll {
  /** D: values of a picture. */
  readonly dimensions: number;
  /** With the variance that is tighter there, the cleanest stop first. */
  readonly stops: readonly JointStop[];
  /** The stop with the least sum. */
  readonly best: JointStop;
}

/** What one picture gave. */
export interface JointPicture {
  readonly bound: StratifiedBound;
  /** One a stratum. */
  readonly distortions: readonly Distortion[];
}

/**
 * The whole model as one chain of latent variables x_T … x_t with the picture at its end: q(x_t | x) = N(α_t·μ(x), σ_t²) with the encoder's
 * mean μ, and p(x | x_t) = N(D(x̂_0(x_t)), σ²) with the decoder D. Its ELBO is rate + distortion, the sum of Ho et al. 2020, section 4.3:
 * no density of latents enters, so neither their scale nor a deterministic encoder matters. Each t is another bound.
 */
export function jointNll(
  pictures: readonly JointPicture[],
  { strata, dimensions }: { readonly strata: readonly Stratum[]; readonly dimensions: number },
): JointNll {
  const term = (pick: (picture: JointPicture) => number): NllTerm => nllTerm(pictures.map(pick), dimensions);
  const stop = (k: number, variance: Variance): JointStop => {
    const rate = ({ bound }: JointPicture): number =>
      (variance === 'fixed_small' ? bound.small : bound.large)
        .subarray(k)
        .reduce((total, value) => total + value, bound.prior);
    return {
      timestep: strata[k]!.first - 1,
      variance,
      rate: term(rate),
      distortion: term(({ distortions }) => distortions[k]!.discrete),
      discrete: term((picture) => rate(picture) + picture.distortions[k]!.discrete),
      continuous: term((picture) => rate(picture) + picture.distortions[k]!.continuous),
    };
  };
  const stops = strata.map((_, k) => tighter(variances.map((variance) => stop(k, variance))));
  return { dimensions, stops, best: tighter(stops) };
}

const tighter = (stops: readonly JointStop[]): JointStop =>
  stops.reduce((best, candidate) => (candidate.discrete.nats < best.discrete.nats ? candidate : best));
