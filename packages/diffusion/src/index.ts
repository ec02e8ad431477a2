export { addNoise, flowTarget, velocityTarget } from './add-noise.js';
export { boundStrata } from './bound/strata.js';
export type { StrataOptions, Stratum } from './bound/strata.js';
export { stratifiedBound } from './bound/stratified-bound.js';
export type { StratifiedBound, StratifiedBoundOptions } from './bound/stratified-bound.js';
export { bitsPerDimension, continuousTerm, discreteTerm, priorTerm, stepTerm } from './bound/terms.js';
export type { StepTermOptions } from './bound/terms.js';
export { variationalBound } from './bound/variational-bound.js';
export type { VariationalBound, VariationalBoundOptions } from './bound/variational-bound.js';
export { clippedDenoiser, consistentDenoiser, dynamicThreshold, thresholdedDenoiser } from './denoiser/clipping.js';
export type { ThresholdOptions } from './denoiser/clipping.js';
export { combineGuidance, guidedDenoiser, guidedNetwork } from './denoiser/guidance.js';
export type { GuidanceOptions } from './denoiser/guidance.js';
export { denoiserFromNetwork, interpretation, predictionTypes } from './denoiser/prediction.js';
export type { DenoiserOptions, Interpret, PredictionType } from './denoiser/prediction.js';
export { noiseFromStreams } from './noise.js';
export { sampleDdim } from './samplers/ddim.js';
export type { DdimOptions } from './samplers/ddim.js';
export { sampleDdpm, varianceTypes } from './samplers/ddpm.js';
export type { DdpmOptions, VarianceType } from './samplers/ddpm.js';
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
export { alphaBars } from './schedule/alpha-bars.js';
export type { AlphaBarConfig } from './schedule/alpha-bars.js';
export { betas, betaScheduleNames, betasFromAlphas, cumulativeAlphas, zeroTerminalAlphas } from './schedule/betas.js';
export type { BetaOptions, BetaScheduleName } from './schedule/betas.js';
export { beginForStrength } from './schedule/checks.js';
export { explodingPlan } from './schedule/exploding-plan.js';
export type { ExplodingPlanOptions } from './schedule/exploding-plan.js';
export { muForTokens, shiftSigma, shiftSigmaByMu, stretchToTerminal } from './schedule/flow.js';
export type { MuOptions, TimeShift } from './schedule/flow.js';
export { flowPlan } from './schedule/flow-plan.js';
export type { FlowPlanOptions } from './schedule/flow-plan.js';
export { lcmPlan } from './schedule/lcm-plan.js';
export type { LcmPlanOptions } from './schedule/lcm-plan.js';
export { explodingLevel, flowLevel, logRatio, preservingLevel, preservingLevelOfRatio } from './schedule/levels.js';
export { pndmPlan } from './schedule/pndm-plan.js';
export type { PndmPlanOptions } from './schedule/pndm-plan.js';
export { preservingPlan } from './schedule/preserving-plan.js';
export type { PreservingPlanOptions } from './schedule/preserving-plan.js';
export { betaSigmas, exponentialSigmas, karrasSigmas, noiseRatios, timestepOfSigma } from './schedule/sigmas.js';
export type { SigmaRange, SigmaSpacingConfig } from './schedule/sigmas.js';
export { solverPlan } from './schedule/solver-plan.js';
export type { SolverPlanOptions } from './schedule/solver-plan.js';
export { spacedTimesteps, timestepSpacings } from './schedule/timesteps.js';
export type { SpacingOptions, TimestepSpacing } from './schedule/timesteps.js';
export { parseSchedulerConfig, schedulerClassNames, schedulerFromConfig } from './scheduler/from-config.js';
export type { Scheduler, SchedulerOptions } from './scheduler/from-config.js';
export { samplerChoice, samplerNames } from './scheduler/names.js';
export type { SamplerLabel, SamplerName } from './scheduler/names.js';
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
