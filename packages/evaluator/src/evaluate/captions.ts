import { featureMatrixFromRows, type FeatureMatrix } from '../index.js';
import { LascauxError, check } from '@lascaux/nn';
import { readImageInformation } from '@lascaux/pipeline/image';
import { loadTextEncoder } from '@lascaux/text-encoder';
import type { PictureCollection } from './picture-collection.js';

/** Captions of pictures, and where they come from. */
export interface Captions {
  readonly texts: readonly string[];
  readonly source: string;
}

/**
 * The captions of these pictures: those of the set, else the prompts that generators write into their pictures.
 *
 * @throws LascauxError (usage) naming a picture without one.
 */
export async function captionsOf(
  { set, kind }: PictureCollection,
  { path, indices }: { path: string; indices: readonly number[] },
): Promise<Captions> {
  const rule =
    'each picture needs a caption: metadata, .txt or .caption files beside the pictures, or the prompt inside them';
  if (!set) throw new LascauxError({ operation: path, rule, value: kind, kind: 'usage' });
  const isPlain = set.captionSource === 'none';
  const texts = await Promise.all(
    indices.map(async (i) => (isPlain ? promptInside(set.origin(i).file) : set.caption(i))),
  );
  const bare = texts.findIndex((text) => text === undefined || text.trim() === '');
  const value = bare < 0 ? undefined : set.fileName(indices[bare]!);
  check(bare < 0, { operation: path, rule, value, kind: 'usage' });
  return { texts: texts as string[], source: isPlain ? 'the prompts inside the pictures' : set.captionSource };
}

async function promptInside(file: string): Promise<string | undefined> {
  return (await readImageInformation(file)).settings?.prompt;
}

/**
 * `text_embeds` of captions, a row each; equal captions are embedded once.
 *
 * @throws LascauxError when the model has no such part.
 */
export async function embedCaptions(
  model: string,
  { texts, device, signal }: { texts: readonly string[]; device?: string; signal?: AbortSignal },
): Promise<FeatureMatrix> {
  const encoder = await loadTextEncoder(model, { sessionOptions: { device } });
  const rows = new Map<string, Float32Array>();
  try {
    for (const text of new Set(texts)) {
      signal?.throwIfAborted();
      const { pooled } = await encoder.encode([text]);
      check(pooled !== undefined, { operation: model, rule: 'the text encoder must give text_embeds' });
      rows.set(text, Float32Array.from(pooled.data as Float32Array));
    }
  } finally {
    await encoder.dispose();
  }
  return featureMatrixFromRows(texts.map((text) => rows.get(text)!));
}
