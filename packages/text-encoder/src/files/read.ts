import { join } from 'node:path';
import { readTextFile } from '@lascaux/nn';
import type { TextFiles } from './text-files.js';

/** The files of a folder on disk. */
export const filesOn = (folder: string): TextFiles => ({
  folder,
  text: (name, largest) => readTextFile(join(folder, name), largest),
});
