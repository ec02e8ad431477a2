import { leftOutText, setSummary, type ImageSet, type LeftOut } from '@lascaux/data';
import { check } from '@lascaux/nn';
import type { Terminal } from '../commands/terminal.js';

/** What was read from a path, in lines: `painted: 12 images; left out: 3 .heic files (…)`. */
export function noteSet(
  set: ImageSet,
  { path, captions, terminal }: { path: string; captions: boolean; terminal: Pick<Terminal, 'note'> },
): void {
  const [first, ...notes] = setSummary(set, { captions });
  terminal.note(`${path}: ${first}`);
  for (const note of notes) terminal.note(`note: ${path}: ${note}`);
}

/**
 * Refuses a figure that would leave images out: it would be one of other sets than those named.
 * @throws LascauxError (usage) that lists them, unless `skipBad`
 */
export function refuseLeftOut(
  sets: readonly { readonly path: string; readonly leftOut: readonly LeftOut[] }[],
  skipBad: boolean,
): void {
  const lost = sets.flatMap(({ path, leftOut }) => {
    const images = leftOut.filter(({ isImage }) => isImage);
    return images.length > 0 ? [`${path}: ${leftOutText(images)}`] : [];
  });
  check(lost.length === 0 || skipBad, {
    operation: 'evaluate',
    rule: `every image must count, and these are not read (--skip-bad leaves them out): ${lost.join('; ')}`,
    kind: 'usage',
  });
}
