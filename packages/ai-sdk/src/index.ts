export { createLascaux, type LascauxProvider, type LascauxSettings } from './create-lascaux.js';
export { lascauxImageOptions, type LascauxImageOptions } from './image-call.js';
export { LascauxImageModel } from './image-model.js';
