export { adamw } from './adamw.js';
export type { AdamWOptions } from './adamw.js';
export { batchStream } from './batches.js';
export type { BatchFunction, Position, TrainingBatch } from './batches.js';
export { readCheckpoint } from './checkpoint.js';
export { chooseEngine } from './choose-engine.js';
export type { ChooseEngineOptions, EngineChoice } from './choose-engine.js';
export type { EngineSource } from './engine-source.js';
export { checkpointFiles, latestCheckpoint, pointed } from './checkpoint-pointers.js';
export type { Checkpoint, CheckpointFacts } from './checkpoint.js';
export type { HostState } from './device-state.js';
export { emaDecayAt } from './ema.js';
export { flopsOf } from './flops.js';
export { initializeParameters } from './initialize.js';
export { learningRate } from './learning-rate.js';
export type { LearningRateOptions } from './learning-rate.js';
export { lossCurve } from './loss-curve.js';
export type { CurvePoint } from './loss-curve.js';
export { readMetrics } from './metrics-log.js';
export type { MetricsRow } from './metrics-log.js';
export { muon, orthogonalize } from './muon.js';
export { nearestToOne, polarExpress, type OddQuintic } from './polar-express.js';
export type { MuonOptions } from './muon.js';
export type { Optimizer, UpdateContext, Updated } from './optimizer.js';
export { asMatrix, decaysByDefault, isEmbedding, isHiddenMatrix } from './parameter-rules.js';
export type { StateSpec } from './parameter-update.js';
export { openRunFolder } from './run-folder.js';
export type { RunFolder } from './run-folder.js';
export { describeThroughput, measureLimit } from './throughput.js';
export type { MeasureLimitOptions } from './throughput.js';
export { train } from './train.js';
export type {
  ReplicaTrial,
  ScoreFunction,
  TrainOptions,
  TrainingProgress,
  TrainingResult,
  TrainingView,
} from './train-options.js';
export { traceTrainingStep } from './training-step.js';
export { outputName } from './step-names.js';
export { programFor } from './sharing.js';
export type { StepNumbers, StepProgram } from './step-program.js';
export type { Sharing, SplitStep, UpdatePart } from './split-step.js';
export { checkStepMemory, peakBytes } from './step-memory.js';
export type { TrainingStep } from './training-step.js';
export type { TracedLoss, TrainingStepOptions } from './training-step-options.js';
export { checkpointWeights, exportWeights, loadParameters } from './weights.js';
export type { WeightsKind } from './weights.js';
