export { openSafetensors, readSafetensors, readSafetensorsHeader } from './read.js';
export type { SafetensorsFile } from './read.js';
export type { SafetensorsData, SafetensorsTensor } from './tensor.js';
export { writeSafetensors } from './write.js';
export type { SafetensorsSource } from './write.js';
export { safetensorsTypes } from './format.js';
export type { SafetensorsEntry, SafetensorsHeader, SafetensorsType } from './format.js';
