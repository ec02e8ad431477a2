import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { check } from '@lascaux/nn';
import { cacheFolder } from './cache-folder.js';
import { downloadChecked, type CheckedDownload } from './download-checked.js';

/** pytorch-fid's weights, as its release has them (Apache-2.0); the name ends in the first digits of their SHA-256. */
const PYTORCH_FID: CheckedDownload = {
  url: 'https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth',
  sha256: '6726825d',
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * The Inception weights' file: the one named, else pytorch-fid's, which are looked for in our cache folder, then where PyTorch keeps its
 * downloads, and else downloaded once.
 *
 * @throws LascauxError (usage) when the named file is missing; when the download fails or is another file.
 */
export async function findInceptionWeights(
  named: string | undefined,
  options: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void; source?: CheckedDownload } = {},
): Promise<string> {
  if (named !== undefined) {
    check(await isThere(named), { option: 'weights', rule: 'no such file', value: named, kind: 'usage' });
    return named;
  }
  const { source = PYTORCH_FID, ...rest } = options;
  const name = basename(new URL(source.url).pathname);
  const own = join(cacheFolder(), 'weights', name);
  const torch = process.env.TORCH_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'torch');
  for (const path of [own, join(torch, 'hub', 'checkpoints', name)]) if (await isThere(path)) return path;
  await downloadChecked(source, { path: own, ...rest });
  return own;
}
