export {
  convertModel,
  type ConvertedComponent,
  type ConvertOptions,
  type ConvertProgress,
  type ConvertResult,
} from './convert-model.js';
