import { cachePixels, type ImageSet, openImageSet, setSummary } from '@lascaux/data';
import { LascauxError, check } from '@lascaux/nn';
import type { TrainJob } from './train-flags.js';

/** How the pictures of a training are opened. */
export interface OpenDataOptions {
  /** Pictures a step, as far as that was asked for; more than there are is worth a note. */
  readonly batchSize?: number;
  /** Told the name of each picture with transparent parts. */
  readonly onTransparent?: (name: string) => void;
}

/**
 * The pictures of `--data`, each decoded once; what was read and what was left out is printed.
 * @throws {LascauxError} naming the folder or archive when it cannot be read, has no picture, or lacks captions where the part needs them
 */
export async function openData(job: TrainJob, { batchSize = 1, onTransparent }: OpenDataOptions): Promise<ImageSet> {
  const { part, flags, terminal } = job;
  const { data, captionColumn } = flags;
  const options = { captionColumn, onTransparent, repeats: true };
  const set = await openImageSet(data, options).catch((cause: unknown) => {
    const rule = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: '--data', rule, kind: 'usage', cause });
  });
  const [first, ...notes] = setSummary(set, { captions: part !== 'vae' });
  terminal.note(`data: ${first}`);
  for (const note of notes) terminal.note(`note: ${note}`);
  requireCaptions(set, job);
  if (batchSize > set.length)
    terminal.note(`note: ${set.length} pictures are fewer than a batch of ${batchSize}: some come twice in a batch`);
  return cachePixels(set);
}

function requireCaptions(set: ImageSet, { part, flags }: TrainJob): void {
  if (part === 'vae') return;
  const captioned = Array.from({ length: set.length }, (_, i) => set.captionSourceOf(i)).some(
    (from) => from !== 'none',
  );
  const columns = Object.entries(set.extra(0)).flatMap(([key, value]) => (typeof value === 'string' ? [key] : []));
  const named = columns.length > 0 ? `, or --caption-column with one of ${columns.join(', ')}` : '';
  check(captioned, {
    operation: '--data',
    rule: `train ${part} needs captions, and the pictures have none`,
    value: flags.data,
    accepted: `metadata.jsonl, .csv or .parquet with a column "text", .txt or .caption files beside the pictures (also in a WebDataset .tar), a folder for each label${named}`,
    kind: 'usage',
  });
}
