export { hasTfjsGpu, tfjsBackends } from './backends.js';
export type { TfjsBackend } from './backends.js';
export { tfjsEngine } from './engine.js';
export type { TfjsEngine, TfjsEngineOptions } from './engine.js';
