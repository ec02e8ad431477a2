export {
  type ConvertedComponent,
  type ConvertOptions,
  type ConvertProgress,
  type ConvertResult,
} from './conversion.js';
export { convertModel } from './convert-model.js';
export type { CheckpointFamily, HeldNetwork } from '../single-file/checkpoint-family.js';
export { checkpointFamily } from '../single-file/families.js';
export type { Prediction } from '../single-file/schedulers.js';
