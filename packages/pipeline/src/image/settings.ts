// The settings in picture files, without a file system and without decoding: nothing here reaches a module of Node.js.
export type { ImageSettings, ImageTexts } from './image-settings.js';
export { formatParameters, type ParametersText } from './parameters-text.js';
export { parseParameters } from './parse-parameters.js';
export { settingsIn } from './other-settings.js';
export { insertPngText, isPng, readPngTexts } from './png-chunks.js';
