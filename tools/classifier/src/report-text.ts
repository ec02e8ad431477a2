import type { ScoreReport, Share } from './score.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A report as lines to read: the shares, the groups, and every noun that was not always recognised with what it was taken for. */
export function reportText(report: ScoreReport): string {
  const { images, top1, top5, standardError, nouns, groups } = report;
  const missed = nouns.filter((noun) => noun.right < noun.images);
  const heads = [
    `${images} pictures of ${nouns.length} nouns`,
    `top-1 ${percent(top1)} ± ${(100 * standardError).toFixed(1)}, top-5 ${percent(top5)}`,
    ...Object.entries(groups).map(([column, shares]) => `by ${column}: ${groupText(shares)}`),
    `${nouns.length - missed.length} nouns always recognised${missed.length > 0 ? '; the others, worst first:' : ''}`,
  ];
  const lines = missed.map(({ noun, right, images: shown, takenFor }) => {
    const others = takenFor.map((other) => (other.images > 1 ? `${other.noun} ×${other.images}` : other.noun));
    return `  ${noun} ${right}/${shown}, taken for ${others.join(', ')}`;
  });
  return [...heads, ...lines].join('\n');
}

const groupText = (shares: Readonly<Record<string, Share>>): string =>
  Object.entries(shares)
    .map(([name, { top1, images }]) => `${name} ${percent(top1)} (${images})`)
    .join(', ');
