/** One word for a POSIX shell, quoted where it must be. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A command line that can be pasted into a shell. */
export const shellCommand = (words: readonly string[]): string => words.map(word).join(' ');

/** Words as one argument: in double quotes, which every shell knows, unless a POSIX shell would read something inside them. */
export const quotedWords = (text: string): string => (/["$`\\!]/.test(text) ? word(text) : `"${text}"`);
