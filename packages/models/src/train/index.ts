// Training as calls: plain options in, a model folder out, nothing printed. Why: docs/decisions/0150.
export {
  trainDenoiser,
  trainTextEncoder,
  trainVae,
  type DenoiserTraining,
  type TextEncoderTraining,
  type VaeTraining,
} from './train-models.js';
export { trainingSchemas, type PartOptions } from './train-options.js';
export type { PartProgress, TrainablePart, TrainedPart, TrainingCall, TrainingNotice } from './training-call.js';
