export { encodeImage } from './encode-image.js';
export { imageFormatOf, type ImageEncoding, type ImageFormat } from './image-format.js';
export type { ImageSettings, ImageTexts } from './image-settings.js';
export { formatParameters, type ParametersText } from './parameters-text.js';
export { parseParameters } from './parse-parameters.js';
export type { Mask, Picture } from './picture.js';
export { insertPngText, readPngTexts } from './png-chunks.js';
export { readImageInformation, type ImageInformation } from './read-parameters.js';
export { readMask, readPicture, readPictureSize, readTransparentMask, type ImageInput } from './read-picture.js';
