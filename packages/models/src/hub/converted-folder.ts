import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, rm, symlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ConvertProgress } from '../convert/conversion.js';
import { convertModel } from '../convert/convert-model.js';
import type { PulledModel } from './pull-model.js';
import { whileLocked } from './pull-lock.js';

/** How a pulled model is made to run. */
export interface ConversionOptions {
  readonly variant?: string;
  readonly signal?: AbortSignal;
  readonly onConvert?: (progress: ConvertProgress) => void;
  readonly onNote?: (line: string) => void;
}

/**
 * The folder with the graphs of a model in the cache that has only weights. It is made once for a commit and a variant, and
 * lies in the repository's folder of the cache, so that it goes when the model is deleted.
 * @throws LascauxError of {@link convertModel}; the signal's reason when it is aborted; nothing half-made is left
 */
export async function convertedFolder(model: PulledModel, options: ConversionOptions): Promise<string> {
  const { variant = 'plain', signal, onConvert, onNote } = options;
  const own = join(dirname(dirname(model.folder)), 'lascaux', model.commit);
  const out = join(own, `converted-${variant.replace(/[^\w-]/g, '_')}`);
  const made = ['model_index.json', join('vae_decoder', 'model.onnx')];
  const isThere = (): boolean => made.some((file) => existsSync(join(out, file)));
  if (isThere()) return out;
  const label = `${model.name}@${model.revision}`;
  const onWait = (): void => onNote?.(`${label}: another process converts it, waiting`);
  return whileLocked(`${out}.lock`, { signal, onWait }, async () => {
    if (isThere()) return out;
    onNote?.(`${label}: making graphs for its weights, once, in ${out}`);
    const view = join(own, `view-${randomUUID().slice(0, 8)}`);
    try {
      await showOnly(model, view);
      await convertModel({ model: view, out, signal, onProgress: onConvert });
    } finally {
      await rm(view, { recursive: true, force: true });
    }
    return out;
  });
}

/** A folder that shows the files of this pull alone: the snapshot may also hold those of another variant. */
async function showOnly({ folder, files }: PulledModel, view: string): Promise<void> {
  for (const path of files) {
    await mkdir(dirname(join(view, path)), { recursive: true });
    await shown(join(folder, path), join(view, path));
  }
}

/** A link to a file; a second name or a copy of it where links need a privilege (Windows). */
async function shown(from: string, to: string): Promise<void> {
  await symlink(from, to).catch(() => link(from, to).catch(() => copyFile(from, to)));
}
