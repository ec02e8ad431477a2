import { cachePixels, openImageSet } from '@lascaux/data';
import type { ImageSet } from '@lascaux/data';
import { LascauxError, check } from '@lascaux/nn';
import type { TrainJob } from './train-flags.js';

/**
 * The pictures of `--data`, each decoded once.
 * @param batchSize pictures a step, as far as that was asked for; more than there are is worth a note
 * @throws {LascauxError} naming the folder or archive when it cannot be read, has no picture, or lacks captions where the part needs them
 */
export async function openData(job: TrainJob, batchSize = 1): Promise<ImageSet> {
  const { part, flags, terminal } = job;
  const { data } = flags;
  const set = await openImageSet(data).catch((cause: unknown) => {
    const rule = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: '--data', rule, kind: 'usage', cause });
  });
  const captioned = (): boolean =>
    Array.from({ length: set.length }, (_, i) => set.caption(i)).some((text) => text !== '');
  check(part === 'vae' || (set.captionSource !== 'none' && captioned()), {
    operation: '--data',
    rule: `train ${part} needs captions, and the pictures have none`,
    value: data,
    accepted:
      'metadata.jsonl or metadata.csv with a column "text", .txt files beside the pictures (also in a WebDataset .tar), or a folder for each label',
    kind: 'usage',
  });
  if (batchSize > set.length)
    terminal.note(`note: ${set.length} pictures are fewer than a batch of ${batchSize}: some come twice in a batch`);
  return cachePixels(set);
}
