export { clipTrainingDefaults, defaultTextConfig, defaultVisionConfig } from './default-config.js';
export { DEFAULT_MAX_LENGTH, DEFAULT_VOCABULARY } from './default-config.js';
export { exportTextEncoder } from './export-text-encoder.js';
export type { ExportTextEncoderOptions } from './export-text-encoder.js';
export { clipInputs, clipLoss, clipTrainingStep } from './step.js';
export type { ClipStepOptions } from './step.js';
export { clipBatches, learnTokenizer, matchMatrix, trainTextEncoder } from './train-text-encoder.js';
export type { TrainTextEncoderOptions } from './train-text-encoder.js';
