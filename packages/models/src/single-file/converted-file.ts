import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { ConvertProgress } from '../convert/conversion.js';
import { convertSingleFile } from '../convert/convert-single-file.js';
import { resolveHubSettings } from '../hub/hub-settings.js';
import { whileLocked } from '../hub/pull-lock.js';

/** How a model in one file is made to run. */
export interface ConvertedFileOptions {
  /** Folder of the hub's cache, beside which the models lie; default: as for models of the hub. */
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
  readonly onConvert?: (progress: ConvertProgress) => void;
  readonly onNote?: (line: string) => void;
}

const LONGEST_STEM = 60;

/** A name that changes with the file's place, size or time. */
async function cacheName(path: string): Promise<string> {
  const real = await realpath(path);
  const { size, mtimeMs } = await stat(real);
  const hash = createHash('sha256').update([real, size, mtimeMs].join('\n')).digest('hex').slice(0, 16);
  const stem = basename(path, extname(path)).replace(/[^\w.-]/g, '_').slice(0, LONGEST_STEM);
  return `${stem}-${hash}`;
}

/**
 * The folder with the graphs of a model in one file, made once for the file as it is and kept in `lascaux/files` beside the hub's cache.
 * @returns undefined where the file holds no whole model
 * @throws {LascauxError} as `convertModel`; the signal's reason when it is aborted; nothing half-made is left
 */
export async function convertedFile(path: string, options: ConvertedFileOptions): Promise<string | undefined> {
  const { signal, onConvert, onNote, cacheFolder } = options;
  const settings = await resolveHubSettings(cacheFolder === undefined ? {} : { cacheFolder });
  const out = join(dirname(settings.cacheFolder), 'lascaux', 'files', await cacheName(path));
  const isThere = (): boolean => existsSync(join(out, 'model_index.json'));
  if (isThere()) return out;
  const onWait = (): void => onNote?.(`${path}: another process converts it, waiting`);
  return whileLocked(`${out}.lock`, { signal, onWait }, async () => {
    if (isThere()) return out;
    const made = await convertSingleFile({
      ...{ model: path, out, signal, onProgress: onConvert },
      onFamily: (family) => onNote?.(`${path}: ${family}; making a folder that runs, once, in ${out}`),
    });
    return made?.out;
  });
}
