export {
  type ConvertedComponent,
  type ConvertOptions,
  type ConvertProgress,
  type ConvertResult,
} from './conversion.js';
export { convertModel } from './convert-model.js';
export { checkpointFamily, type CheckpointFamily, type HeldNetwork } from '../single-file/families.js';
export type { Prediction } from '../single-file/schedulers.js';
