export { trainingSteps } from './steps.js';
export type { ChainOptions, ChainStep } from './steps.js';
