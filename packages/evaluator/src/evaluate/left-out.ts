import { leftOutText, type LeftOut } from '@lascaux/data';
import { check } from '@lascaux/nn';

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
    option: 'skipBad',
    rule: `every image must count, and these are not read: ${lost.join('; ')}`,
    kind: 'usage',
  });
}
