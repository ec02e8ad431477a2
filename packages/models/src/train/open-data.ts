import { cachePixels, imageSetFrom, type ImageSet, openImageSet } from '@lascaux/data';
import { LascauxError, check } from '@lascaux/nn';
import type { TrainablePart, TrainingCall } from './training-call.js';

/** A training whose images are opened. */
interface DataRequest {
  readonly part: TrainablePart;
  readonly call: TrainingCall;
}

/**
 * The images of a training, each decoded once.
 * @param batchSize images a step, as far as that was asked for
 * @throws {LascauxError} naming the folder or archive when it cannot be read, has no picture, or lacks captions where the part needs them
 */
export async function openData({ part, call }: DataRequest, batchSize = 1): Promise<ImageSet> {
  const { onNotice } = call;
  const set = await openSet(call);
  onNotice?.({ kind: 'data', set, captions: part !== 'vae' });
  requireCaptions(set, { part, call });
  if (batchSize > set.length) onNotice?.({ kind: 'few', images: set.length, batchSize });
  return cachePixels(set);
}

/** The set that a call names or holds. */
async function openSet(call: TrainingCall): Promise<ImageSet> {
  const { data } = call;
  if (typeof data === 'string') return openPath(data, call);
  return 'captionSource' in data ? data : imageSetFrom(data);
}

async function openPath(path: string, { captionColumn, onNotice }: TrainingCall): Promise<ImageSet> {
  const onTransparent = (name: string): void => onNotice?.({ kind: 'transparent', name });
  return openImageSet(path, { captionColumn, onTransparent, repeats: true }).catch((cause: unknown) => {
    const rule = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ option: 'data', rule, kind: 'usage', cause });
  });
}

function requireCaptions(set: ImageSet, { part, call: { data } }: DataRequest): void {
  if (part === 'vae') return;
  const captioned = Array.from({ length: set.length }, (_, i) => set.captionSourceOf(i)).some(
    (from) => from !== 'none',
  );
  const columns = Object.entries(set.extra(0)).flatMap(([key, value]) => (typeof value === 'string' ? [key] : []));
  const named = columns.length > 0 ? `, or another caption column: ${columns.join(', ')}` : '';
  check(captioned, {
    option: 'data',
    rule: `a ${part} needs captions, and the pictures have none`,
    value: typeof data === 'string' ? data : undefined,
    accepted: `metadata.jsonl, .csv or .parquet with a column "text", .txt or .caption files beside the pictures (also in a WebDataset .tar), a folder for each label${named}`,
    kind: 'usage',
  });
}
