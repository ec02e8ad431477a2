/** One word for a POSIX shell, or for those of Windows, which know double quotes alone; quoted where it must be. */
function word(text: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return /^[\w@+=:,./\\-]+$/.test(text) ? text : `"${text}"`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command line that can be pasted into a shell. */
export const shellCommand = (words: readonly string[], platform = process.platform): string =>
  words.map((text) => word(text, platform)).join(' ');

/** Words as one argument: in double quotes, which every shell knows, unless a POSIX shell would read something inside them. */
export const quotedWords = (text: string): string =>
  /["$`\\!]/.test(text) ? word(text, process.platform) : `"${text}"`;
