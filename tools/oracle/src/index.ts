export { runAutoencoder } from './autoencoder.js';
export { holds, magnitude, WorstError } from './case-result.js';
export type { CaseResult } from './case-result.js';
export { metricRunners } from './metrics.js';
export type { FileRunner } from './metrics.js';
export { runFile } from './run-file.js';
