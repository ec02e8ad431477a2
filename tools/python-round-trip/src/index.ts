export { readCase, writeCase } from './case-file.js';
export type { Bytes, Case } from './case-file.js';
export { componentError } from './check-components.js';
export { paintCase } from './paint-case.js';
export { psnr } from './psnr.js';
