export type { Terminal } from './commands/terminal.js';
export { convertModel } from './convert/convert-model.js';
export type { ConvertedComponent, ConvertOptions, ConvertProgress, ConvertResult } from './convert/convert-model.js';
export { evaluateNll, type NllOptions } from './evaluate/nll.js';
export type { AutoencoderNll, BoundTerms } from './evaluate/nll-autoencoder.js';
export type { JointNll, JointStop } from './evaluate/nll-joint.js';
export type { LatentNll, LatentTerms, StratumTerm } from './evaluate/nll-latent.js';
export { nllConventions, type NllPart, type NllPicture, type NllResult } from './evaluate/nll-result.js';
export type { NllTerm } from './evaluate/nll-term.js';
export type { Family, PromptRow, TextComponent, TextEncoders } from './family/family.js';
export type { GenerateOptions, PictureSize, ResolvedOptions, SizeRules } from './generate-options.js';
export { pullModel } from './hub/pull-model.js';
export type { PulledModel, PullOptions, PullPlan } from './hub/pull-model.js';
export { encodeImage } from './image/encode-image.js';
export { imageFormatOf } from './image/image-format.js';
export type { ImageFormat } from './image/image-format.js';
export { formatParameters } from './image/parameters-text.js';
export { parseParameters } from './image/parse-parameters.js';
export type { ParametersText } from './image/parameters-text.js';
export type { Picture } from './image/picture.js';
export { insertPngText, readPngTexts } from './image/png-chunks.js';
export { readImageInformation } from './image/read-parameters.js';
export type { ImageInformation } from './image/read-parameters.js';
export type { ImageSettings, ImageTexts } from './image/other-settings.js';
export { settingsText } from './image/settings-text.js';
export { defaultsOf } from './model/defaults.js';
export type { GenerateDefaults } from './model/defaults.js';
export { denoiserFromSession, loadDenoiser } from './model/denoiser-session.js';
export type { DenoiserBinding, DenoiserSession, GraphSession } from './model/denoiser-session.js';
export { BUNDLED_MODEL, bundledModelFolder, findModel, resolveModel } from './model/find-model.js';
export { openModelFolder } from './model/model-folder.js';
export type { ModelFolder } from './model/model-folder.js';
export type { ModelParts, TextPart } from './model/model-parts.js';
export type { ModelIndex, Recommendation } from './model/model-index.js';
export type {
  GenerateCallbacks,
  GeneratedImage,
  GenerateProgress,
  GenerateResult,
  GenerateTimings,
  LoadOptions,
  PipelineParts,
} from './pipeline-types.js';
export type { Mask, SourceOptions } from './source-picture.js';
export type { ImageNoise } from './starting-point.js';
export { TextToImagePipeline } from './text-to-image-pipeline.js';
export { readKnownWords, writeKnownWords } from './words/known-words.js';
export type { KnownWords } from './words/known-words.js';
export { unknownWords } from './words/unknown-words.js';
export type { UnknownWord } from './words/unknown-words.js';
