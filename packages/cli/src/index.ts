export { evaluateNll, type NllOptions } from './evaluate/nll.js';
export type { AutoencoderNll, BoundTerms } from './evaluate/nll-autoencoder.js';
export type { JointNll, JointStop } from './evaluate/nll-joint.js';
export type { LatentNll, LatentTerms, StratumTerm } from './evaluate/nll-latent.js';
export { nllConventions, type NllPart, type NllPicture, type NllResult } from './evaluate/nll-result.js';
export type { NllTerm } from './evaluate/nll-term.js';
