import type { Picture } from '../state/history.js';

/** `a cat in the snow`, 7 → `a-cat-in-the-snow-7.png`. */
export function fileNameOf({ settings: { prompt, seed } }: Pick<Picture, 'settings'>): string {
  const words = prompt
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, 8);
  return `${[...(words.length === 0 ? ['lascaux'] : words), seed].join('-')}.png`;
}
