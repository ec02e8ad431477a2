import type { JointStop } from './joint.js';
import type { LatentTerms } from './latent.js';
import type { NllTerm } from './term.js';

/** Terms of a bound with their symbols, in the order in which they are shown. */
export type NamedTerms = readonly (readonly [name: string, term: NllTerm])[];

/** The terms of the latent's bound (DDPM eq. 5) for both fixed variances. */
export const latentTerms = ({
  fixed_small: small,
  fixed_large: large,
}: Readonly<Record<'fixed_small' | 'fixed_large', LatentTerms>>): NamedTerms => [
  ['L_T', small.prior],
  ['Σ L_{t−1}, σ_t² = β̃_t', small.steps],
  ['Σ L_{t−1}, σ_t² = β_t', large.steps],
  ['L_0', small.reconstruction],
  ['sum, σ_t² = β̃_t', small.total],
  ['sum, σ_t² = β_t', large.total],
];

/** The terms of the whole model's bound where the chain stops. */
export const jointTerms = ({ rate, distortion, discrete, continuous }: JointStop): NamedTerms => [
  ['rate', rate],
  ['distortion, discrete', distortion],
  ['sum, discrete', discrete],
  ['sum, continuous', continuous],
];
