export { autoencoderKLConfig, spatialFactor } from './autoencoder-config.js';
export type { AutoencoderKLConfig } from './autoencoder-config.js';
export { autoencoderKLDecode, autoencoderKLEncode } from './autoencoder.js';
export { clipTextConfig, clipVisionConfig } from './clip-config.js';
export type { CLIPTextConfig, CLIPVisionConfig } from './clip-config.js';
export { clipText, clipTextWithProjection } from './clip-text.js';
export type { CLIPTextOutputs, CLIPTextProjectionOutputs } from './clip-text.js';
export { clipVisionWithProjection } from './clip-vision.js';
export type { CLIPVisionOutputs } from './clip-vision.js';
export {
  clipTextInputTypes,
  clipVisionInputTypes,
  t5EncoderInputTypes,
  unetInputTypes,
  vaeDecoderInputTypes,
  vaeEncoderInputTypes,
} from './input-types.js';
export type { ImageAxes, T5Axes, UNetAxes } from './input-types.js';
export {
  clipTextProgram,
  clipTextWithProjectionProgram,
  clipVisionProgram,
  t5EncoderProgram,
  unetProgram,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from './programs.js';
export type { CLIPTextProgramOptions, ProjectedTextProgramOptions } from './programs.js';
export { t5Config } from './t5-config.js';
export type { T5Config } from './t5-config.js';
export { t5Encoder } from './t5.js';
export type { T5EncoderInputs } from './t5.js';
export { unet2DConditionConfig } from './unet-config.js';
export type { UNet2DConditionConfig } from './unet-config.js';
export type { UNetEmbeddingInputs } from './unet-embedding.js';
export { unet2DCondition } from './unet.js';
export type { UNet2DConditionInputs } from './unet.js';
export { weightNameCandidates } from './weight-names.js';
export { dit } from './dit.js';
export type { DiTInputs } from './dit.js';
export { pixArt } from './pixart.js';
export type { PixArtInputs } from './pixart.js';
export { ditConfig, pixArtConfig } from './transformer-config.js';
export type { DiTConfig, PixArtConfig } from './transformer-config.js';
export { ditInputTypes, ditProgram, pixArtInputTypes, pixArtProgram } from './transformer-programs.js';
export type { DiTAxes, PixArtAxes } from './transformer-programs.js';
export { autoencoderTinyConfig } from './tiny-autoencoder-config.js';
export type { AutoencoderTinyConfig } from './tiny-autoencoder-config.js';
export { autoencoderTinyDecode, autoencoderTinyEncode } from './tiny-autoencoder.js';
export { tinyCheckpoint, tinyConfigOf } from './tiny-checkpoint.js';
export type { TinyCheckpoint } from './tiny-checkpoint.js';
export { tinyDecoderProgram, tinyEncoderProgram } from './tiny-autoencoder-programs.js';
export { fluxTransformer } from './flux-transformer.js';
export type { FluxTransformerInputs } from './flux-transformer.js';
export { fluxTransformerConfig, sd3TransformerConfig } from './joint-config.js';
export type { FluxTransformerConfig, SD3TransformerConfig } from './joint-config.js';
export {
  fluxTransformerInputTypes,
  fluxTransformerProgram,
  sd3TransformerInputTypes,
  sd3TransformerProgram,
} from './joint-programs.js';
export type { FluxTransformerAxes, SD3TransformerAxes } from './joint-programs.js';
export { sd3Transformer } from './sd3-transformer.js';
export type { SD3TransformerInputs } from './sd3-transformer.js';
export { autoencoderDCConfig, autoencoderDCFactor } from './autoencoder-dc-config.js';
export type { AutoencoderDCConfig } from './autoencoder-dc-config.js';
export { autoencoderDCDecode, autoencoderDCEncode } from './autoencoder-dc.js';
export { dcDecoderProgram, dcEncoderProgram } from './autoencoder-dc-programs.js';
