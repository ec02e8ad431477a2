export { readCase, writeCase } from './case-file.js';
export type { Bytes, Case } from './case-file.js';
export { paintCase } from './paint-case.js';
export { psnr } from './psnr.js';
