import { isArchivePath } from './archive-path.js';
import { openImageFolder, type ImageFolderOptions } from './folder.js';
import type { ImageSet } from './image-set.js';
import { openWebDataset } from './webdataset.js';

/**
 * Opens pictures by their path: WebDataset archives where it is a file or ends in .tar, .tar.gz or .tgz (also `name-{000..012}.tar`),
 * which have no splits, else a folder. Throws as {@link openWebDataset} and {@link openImageFolder} do.
 */
export async function openImageSet(path: string, options: ImageFolderOptions = {}): Promise<ImageSet> {
  return (await isArchivePath(path)) ? openWebDataset(path, options) : openImageFolder(path, options);
}
