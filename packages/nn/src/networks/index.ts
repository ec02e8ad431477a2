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
  unetInputTypes,
  vaeDecoderInputTypes,
  vaeEncoderInputTypes,
} from './input-types.js';
export type { ImageAxes, UNetAxes } from './input-types.js';
export {
  clipTextProgram,
  clipTextWithProjectionProgram,
  clipVisionProgram,
  unetProgram,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from './programs.js';
export type { CLIPTextProgramOptions } from './programs.js';
export { unet2DConditionConfig } from './unet-config.js';
export type { UNet2DConditionConfig } from './unet-config.js';
export type { UNetEmbeddingInputs } from './unet-embedding.js';
export { unet2DCondition } from './unet.js';
export type { UNet2DConditionInputs } from './unet.js';
