import { joinArt, type JoinedEmoji } from '../art.js';

/** What stays out: turned copies of people, half hours, keys of a telephone. */
const LEFT_OUT = /facing right$|-thirty$|^keycap/;
/** emojibase's flags. */
const FLAGS = 9;

/** Every emoji that the painter learns: drawn by all three art sets, people in their neutral skin tone included, flags not; in CLDR order. */
export const painterEmojis = (): readonly JoinedEmoji[] =>
  joinArt().filter(({ label, group }) => group !== FLAGS && !LEFT_OUT.test(label));
