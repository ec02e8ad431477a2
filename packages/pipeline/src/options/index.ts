// What a call may be told, without what carries it out: a command line checks its options before anything is loaded.
export {
  OPTION_RANGES,
  PROMPT_SYNTAXES,
  checkScheduler,
  checkSize,
  type GenerateDefaults,
  type GenerateOptions,
  type OptionNamer,
  type PictureSize,
  type ResolvedOptions,
  type SizeRules,
} from './generate-options.js';
export { samplerNameOf } from './sampler-name.js';
export { imageFormatOf, type ImageFormat } from '../image/image-format.js';
