export { addNoise, flowTarget, velocityTarget } from './add-noise.js';
export { clippedDenoiser, consistentDenoiser, dynamicThreshold, thresholdedDenoiser } from './denoiser/clipping.js';
export type { ThresholdOptions } from './denoiser/clipping.js';
export { combineGuidance, guidedDenoiser, guidedNetwork } from './denoiser/guidance.js';
export type { GuidanceOptions } from './denoiser/guidance.js';
export { denoiserFromNetwork, interpretation, predictionTypes } from './denoiser/prediction.js';
export type { DenoiserOptions, Interpret, PredictionType } from './denoiser/prediction.js';
export { sampleDdim } from './samplers/ddim.js';
export type { DdimOptions } from './samplers/ddim.js';
export { sampleDdpm, varianceTypes } from './samplers/ddpm.js';
export type { DdpmOptions, VarianceType } from './samplers/ddpm.js';
export { alphaBars } from './schedule/alpha-bars.js';
export type { AlphaBarConfig } from './schedule/alpha-bars.js';
export { betas, betaScheduleNames, betasFromAlphas, cumulativeAlphas, zeroTerminalAlphas } from './schedule/betas.js';
export type { BetaOptions, BetaScheduleName } from './schedule/betas.js';
export { beginForStrength } from './schedule/checks.js';
export { explodingLevel, flowLevel, preservingLevel } from './schedule/levels.js';
export { preservingPlan } from './schedule/preserving-plan.js';
export type { PreservingPlanOptions } from './schedule/preserving-plan.js';
export { spacedTimesteps, timestepSpacings } from './schedule/timesteps.js';
export type { SpacingOptions, TimestepSpacing } from './schedule/timesteps.js';
export { parseSchedulerConfig, schedulerClassNames, schedulerFromConfig } from './scheduler/from-config.js';
export type { Scheduler, SchedulerOptions } from './scheduler/from-config.js';
export { samplerChoice, samplerNames } from './scheduler/names.js';
export type { SamplerChoice } from './scheduler/names.js';
export type { PlanOptions, SampleOptions, SchedulerRoles, WrapOptions } from './scheduler/roles.js';
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
