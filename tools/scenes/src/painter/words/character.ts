import type { JoinedEmoji } from '../../art.js';

/** The characters of an emoji without presentation selectors. */
export const characterOf = ({ hexcode }: JoinedEmoji): string =>
  String.fromCodePoint(...hexcode.split('-').map((code) => parseInt(code, 16)));
