export { denoiserBatches, minSnrWeight, stratifiedTimesteps } from './batches.js';
export type { LatentSet, NoisingOptions } from './batches.js';
export { defaultProcess, defaultUnetConfig } from './default-config.js';
export type { NoiseProcess } from './default-config.js';
export { denoiserInputs, denoiserLoss, denoiserTrainingStep } from './step.js';
export type { DenoiserStepOptions, DenoiserTarget } from './step.js';
