export { boundStrata } from './strata.js';
export type { StrataOptions, Stratum } from './strata.js';
export { stratifiedBound } from './stratified-bound.js';
export type { StratifiedBound, StratifiedBoundOptions } from './stratified-bound.js';
export { bitsPerDimension, continuousTerm, discreteTerm, priorTerm, stepTerm } from './terms.js';
export type { StepTermOptions } from './terms.js';
export { variationalBound } from './variational-bound.js';
export type { VariationalBound, VariationalBoundOptions } from './variational-bound.js';
