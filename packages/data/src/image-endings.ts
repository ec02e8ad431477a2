import { extname } from 'node:path';

/** Endings of the image files that are read, lower case, without the dot. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  ...['png', 'apng', 'jpg', 'jpeg', 'jpe', 'jfif', 'webp', 'avif', 'heif', 'gif', 'tif', 'tiff'],
  ...['bmp', 'dib', 'ppm', 'pgm', 'pbm', 'pnm'],
];

/** Endings of images that are not read: they are counted and told. */
const UNREAD_EXTENSIONS: readonly string[] = [
  ...['heic', 'heics', 'heifs', 'hif', 'jxl', 'jp2', 'j2k', 'j2c', 'jpf', 'jpx', 'jxr', 'svg', 'svgz', 'psd', 'psb'],
  ...['tga', 'pcx', 'ico', 'cur', 'dds', 'qoi', 'xcf', 'exr', 'hdr', 'pfm', 'pam', 'fits', 'xbm', 'xpm', 'eps'],
  ...['dng', 'cr2', 'cr3', 'nef', 'arw', 'orf', 'raf', 'rw2'],
];

/** The ending of a path in lower case, without the dot. */
export const extension = (path: string): string => extname(path).slice(1).toLowerCase();

/** Whether the ending is that of an image that is read. */
export const isImageName = (path: string): boolean => IMAGE_EXTENSIONS.includes(extension(path));

/** Whether an ending (lower case, without the dot) is that of an image that is not read. */
export const isUnreadImage = (ending: string): boolean => UNREAD_EXTENSIONS.includes(ending);
