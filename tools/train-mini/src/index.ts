export { trainingSteps } from './steps.js';
export type { ChainOptions, ChainStep } from './steps.js';
export { appearanceCodes, CODE_LENGTH, CODE_PARTS, type AppearanceCodes } from './painter/appearance.js';
export { painterBatches, type PainterBatchOptions } from './painter/denoiser-batches.js';
export {
  latentStore,
  LATENT_LENGTH,
  scaled,
  type LatentStore,
  type LatentStoreOptions,
  type Scaling,
} from './painter/latent-store.js';
export { assemblePainter, type AssemblePainterOptions, type PainterDefaults } from './painter/assemble.js';
export { drawingLatents, type DrawingLatents } from './painter/drawing-latents.js';
export { networkInputs, predictedLatent } from './painter/denoiser-network.js';
export { drawnMaps, type DrawnMaps } from './painter/drawn-maps.js';
export { linearStart } from './painter/linear-start.js';
export { VARIANT_COLOURS, VARIANT_GROUNDS, variantLatents, type VariantLatents } from './painter/variant-latents.js';
export { painterVisionConfig, shrink } from './painter/clip-stage.js';
export { polishInputs, polishLoss } from './painter/polish-network.js';
export { finishedVae, weighedVae, type FinishedVae } from './painter/finished-vae.js';
export { keepStage, keptStage, type StageWeights } from './painter/stage-weights.js';
export { painterDenoiserConfig, painterVaeConfig } from './painter/networks.js';
export { principalComponents, type PrincipalComponents } from './painter/principal-components.js';
export type { StageOptions } from './painter/stage.js';
export { CAPTION_SHARES, picksOf, placesRead, textBatches, type TextBatchOptions } from './painter/text-batches.js';
export { codebookEncoder, filledUp, leastSquare, withoutMemory, type Codebook } from './painter/codebook.js';
export { pooledState, readerStart } from './painter/pooled-reader.js';
export { wordDrawer, type WordSource } from './painter/word-drawer.js';
export {
  painterTextConfig,
  readPrompts,
  readStates,
  textInputs,
  textLoss,
  type PromptReadings,
} from './painter/text-network.js';
export { captionTokens, MAX_TOKENS, SLOTS, slotTokens, TOKEN_LENGTH } from './painter/slot-tokens.js';
export { trainedTokenizer } from './painter/tokenizer.js';
