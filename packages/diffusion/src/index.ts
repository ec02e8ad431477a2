export { addNoise } from './add-noise.js';
export { clippedDenoiser, thresholdedDenoiser } from './denoiser/clipping.js';
export type { ThresholdOptions } from './denoiser/clipping.js';
export { guidedDenoiser, guidedNetwork } from './denoiser/guidance.js';
export type { GuidanceOptions } from './denoiser/guidance.js';
export { denoiserFromNetwork } from './denoiser/prediction.js';
export type { DenoiserOptions, PredictionType } from './denoiser/prediction.js';
export type { PlanOptions, SampleOptions, SchedulerRoles, WrapOptions } from './diffusers/roles.js';
export { isSampler, samplerChoice, samplerNames } from './diffusers/samplers.js';
export type { SamplerChoice, SamplerLabel, SamplerName } from './diffusers/samplers.js';
export { parseSchedulerConfig, schedulerClassNames, schedulerFromConfig } from './diffusers/scheduler-from-config.js';
export type { Scheduler, SchedulerOptions } from './diffusers/scheduler-from-config.js';
export { noiseFromStreams } from './noise.js';
export { sampleDdim } from './samplers/ddim.js';
export type { DdimOptions } from './samplers/ddim.js';
export { sampleDdpm } from './samplers/ddpm.js';
export type { DdpmOptions } from './samplers/ddpm.js';
export { sampleDpmSolver } from './samplers/dpm-solver.js';
export { sampleDpmSolverPlusPlus } from './samplers/dpm-solver-plus-plus.js';
export { sampleDpmSolverPlusPlusSde } from './samplers/dpm-solver-plus-plus-sde.js';
export { sampleDpmSolverSde } from './samplers/dpm-solver-sde.js';
export { sampleEuler } from './samplers/euler.js';
export type { EulerOptions } from './samplers/euler.js';
export { sampleEulerAncestral } from './samplers/euler-ancestral.js';
export type { DpmSolverOptions } from './samplers/exponential-multistep.js';
export { sampleFlowEuler } from './samplers/flow-euler.js';
export type { FlowEulerOptions } from './samplers/flow-euler.js';
export { sampleHeun } from './samplers/heun.js';
export { sampleLcm } from './samplers/lcm.js';
export type { LcmOptions } from './samplers/lcm.js';
export { samplePndm } from './samplers/pndm.js';
export type { PndmOptions } from './samplers/pndm.js';
export { sampleUniPc } from './samplers/unipc.js';
export type { UniPcOptions } from './samplers/unipc.js';
export type {
  Denoised,
  Denoiser,
  FloatArray,
  Network,
  NoiseLevel,
  NoiseSource,
  Plan,
  PlanStep,
  Sampler,
  SamplerProgress,
  SamplerRun,
} from './types.js';
