import type { CaptionSource, ImageSet } from './image-set.js';
import { leftOutText } from './left-out.js';

const SOURCES: Readonly<Record<CaptionSource, string>> = {
  metadata: 'from metadata',
  sidecar: 'from caption files',
  class: 'from folder names',
  webdataset: 'from the archives',
  none: 'without',
};

/** How many captions of a set come from each source; `none` counts the images that lack one. */
export function captionCounts(set: ImageSet): ReadonlyMap<CaptionSource, number> {
  const counts = new Map<CaptionSource, number>();
  for (let i = 0; i < set.length; i++) {
    const source = set.captionSourceOf(i);
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}

/**
 * What was read, in lines for people: `8 images, captions: 6 from metadata, 2 without; left out: 1 .heic file (a.heic …)`,
 * then the set's notes.
 * @param captions false leaves them out, where nothing depends on them
 */
export function setSummary(set: ImageSet, { captions = true }: { captions?: boolean } = {}): readonly string[] {
  const order = Object.keys(SOURCES) as CaptionSource[];
  const counts = captionCounts(set);
  const counted = order
    .filter((source) => counts.has(source))
    .map((source) => `${counts.get(source)} ${SOURCES[source]}`);
  const spoken = captions ? `, captions: ${counted.join(', ')}` : '';
  const rest = set.leftOut.length > 0 ? `; left out: ${leftOutText(set.leftOut)}` : '';
  return [`${set.length} ${set.length === 1 ? 'image' : 'images'}${spoken}${rest}`, ...set.notes];
}
