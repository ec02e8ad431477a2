export type { Family, PromptRow, SchedulerConfig, TextEncoders, TextNeed } from './family/family.js';
export { familyOf, schedulerConfigOf } from './family/family-of.js';
export { textPartsOf } from './family/text-parts.js';
export { defaultsOf } from './generate/defaults.js';
export { largestSide, sizeMultiple, sizeRulesOf } from './generate/picture-size.js';
export { sourceSize } from './generate/source-size.js';
export type { SourceImage, SourceMask, SourceOptions } from './image/read-source.js';
export type { CallExplanation, ExplainedLevel, ExplainedToken } from './generate/explain-call.js';
export type {
  GenerateCallbacks,
  GeneratedImage,
  GenerateProgress,
  GenerateResult,
  GenerateTimings,
  LoadOptions,
  PipelineParts,
} from './generate/pipeline-types.js';
export { openPromptedNetwork, type PromptedNetwork } from './generate/prompted-network.js';
export type { ImageNoise } from './generate/starting-point.js';
export { TextToImagePipeline } from './generate/text-to-image-pipeline.js';
export type { Mask, Picture } from './image/picture.js';
export { denoiserFromSession } from './network/denoiser-session.js';
export type { DenoiserBinding, DenoiserSession } from './network/denoiser-session.js';
export { loadDenoiser } from './generate/load-parts.js';
export type { GraphSession } from '@lascaux/vae';
export type { GenerateDefaults } from './options/generate-defaults.js';
export type { GenerateOptions, ResolvedOptions } from './options/generate-options.js';
export { sizeLike } from './options/size-rules.js';
export type { SizeRules } from './options/size-rules.js';
export type { PictureSize } from './options/value-types.js';
