// What a call may be told, without what carries it out: a command line or a server checks options before anything is loaded.
export { checkNeeds, checkOption, readOption } from './check-options.js';
export type { FamilyName } from './family-name.js';
export type { GenerateDefaults } from './generate-defaults.js';
export {
  GENERATE_OPTIONS,
  generateOptions,
  type GenerateOption,
  type GenerateOptionName,
} from './generate-option-table.js';
export type { GenerateOptions, ResolvedOptions } from './generate-options.js';
export { hasPreview } from './has-preview.js';
export { optionDefaults } from './option-defaults.js';
export { generateOptionsSchema, type JsonSchema } from './options-schema.js';
export { resolveSeed } from './resolve-options.js';
export { samplerNameOf } from './sampler-name.js';
export { sizeLike } from './size-rules.js';
export { settingsText } from './settings-text.js';
export { checkSize, type SizeRules } from './size-rules.js';
export { numberFrom, type NumberRange, type PictureSize } from './value-types.js';
export { imageFormatOf, type ImageFormat } from '../image/image-format.js';
