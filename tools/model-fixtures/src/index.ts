export { DIFFUSERS, readTensors, TRANSFORMERS } from './component-files.js';
export { changeJson, changeWeights, checkpoint, shard } from './convert-checkpoint.js';
export { TOKENS, fluxModel, lcmModel, sd3Model, sdxlModel } from './family-model.js';
export { networkModel } from './network-model.js';
export { saveHalf, saveTiny, tinyConfig, tinyWeights } from './tiny-autoencoder.js';
export { decoderGraph, modern, type Vintage } from './tiny-graphs.js';
export { temporaryFolder, tinyModel } from './tiny-model.js';
export { originalCheckpoint } from './original-checkpoint.js';
export { originalTensors, type OriginalFamily } from './original-tensors.js';
