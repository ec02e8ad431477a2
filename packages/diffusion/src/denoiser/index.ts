export { flowTarget, velocityTarget } from '../add-noise.js';
export { consistentDenoiser, dynamicThreshold } from './clipping.js';
export { combineGuidance } from './guidance.js';
export { interpretation, predictionTypes } from './prediction.js';
export type { Interpret } from './prediction.js';
