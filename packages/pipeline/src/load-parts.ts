import { relative } from 'node:path';
import { loadTextEncoder } from '@lascaux/text-encoder';
import { loadVaeDecoder, loadVaeEncoder } from '@lascaux/vae';
import { findDamagedWeights } from './model/damaged-weights.js';
import { loadDenoiser } from './model/denoiser-session.js';
import type { ModelFolder } from './model/model-folder.js';
import type { LoadOptions, PipelineParts } from './pipeline-types.js';

/** Something that holds native memory. */
export interface Disposable {
  readonly dispose: () => Promise<void>;
}

/** Frees several parts; rejects with the first failure once all were tried. */
export async function disposeAll(parts: readonly Disposable[]): Promise<void> {
  const settled = await Promise.allSettled(parts.map((part) => part.dispose()));
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/**
 * Loads the three stages at the same time; when one fails or the signal stops it, the others are released.
 * @throws LascauxError naming the file that is broken; the signal's reason when it is aborted.
 */
export async function loadParts(model: ModelFolder, { device = 'cpu', signal }: LoadOptions): Promise<PipelineParts> {
  signal?.throwIfAborted();
  const { path, parts, vaeConfig: config } = model;
  const loading = [
    loadTextEncoder(path, { tokenizer: relative(path, parts.tokenizer), sessionOptions: { device } }),
    loadDenoiser(parts.denoiser, device),
    loadVaeDecoder(parts.vaeDecoder, { device }),
  ] as const;
  try {
    const [textEncoder, denoiser, vaeDecoder] = await Promise.all(loading);
    signal?.throwIfAborted();
    const { vaeEncoder } = parts;
    const loadEncoder = vaeEncoder === undefined ? undefined : () => loadVaeEncoder(vaeEncoder, { device, config });
    return { textEncoder, denoiser, vaeDecoder, loadVaeEncoder: loadEncoder };
  } catch (error) {
    const settled = await Promise.allSettled(loading);
    await disposeAll(settled.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : [])));
    throw (await findDamagedWeights([parts.textEncoder, parts.denoiser, parts.vaeDecoder])) ?? error;
  }
}
