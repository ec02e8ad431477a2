/** File of a model folder with the words that its text encoder has learned: lines of a word, a tab, and what is painted for it. */
export const WORDS_FILE = 'words.tsv.gz';

/** The words that a model knows, in small letters, with what is painted for each; nothing for words that go with others: "a", "red". */
export interface KnownWords {
  readonly meanings: ReadonlyMap<string, string>;
  /** Letters of the longest. */
  readonly longest: number;
}

/** As words are compared: composed, in small letters, with single spaces. */
export const normalText = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').trim();

/** Word → what is painted for it, as `KnownWords`. */
export function knownWords(meanings: ReadonlyMap<string, string>): KnownWords {
  let longest = 0;
  for (const word of meanings.keys()) longest = Math.max(longest, word.length);
  return { meanings, longest };
}

/** The words of an unpacked {@link WORDS_FILE}. */
export function parseWordList(text: string): KnownWords {
  const lines = text.split('\n').filter((line) => line !== '');
  return knownWords(
    new Map(lines.map((line) => line.split('\t', 2) as [string, string?]).map(([word, meaning = '']) => [word, meaning])),
  );
}
