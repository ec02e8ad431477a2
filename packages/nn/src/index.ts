export { LascauxError, check } from './errors.js';
export type { ErrorKind, LascauxErrorFacts } from './errors.js';
export { randomStream, resumeRandomStream } from './random.js';
export type { RandomState, RandomStream } from './random.js';
