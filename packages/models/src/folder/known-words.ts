import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { LascauxError, check, limits, writeFileAtomically } from '@lascaux/nn';

/** File of a model folder with the words that its text encoder has learned: lines of a word, a tab, and what is painted for it. */
const WORDS_FILE = 'words.tsv.gz';

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

/**
 * The words of a model folder; undefined where it has no list, as most models: theirs know all words a little.
 * @throws {LascauxError} naming the file when it is damaged or too large
 */
export async function readKnownWords(model: string): Promise<KnownWords | undefined> {
  const path = join(model, WORDS_FILE);
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  check(facts.isFile() && facts.size <= limits.wordListBytes, {
    operation: path,
    rule: `must be a file of at most ${limits.wordListBytes / 2 ** 20} MB`,
    value: `${facts.size} bytes`,
  });
  const text = unpacked(await readFile(path), path);
  const lines = text.split('\n').filter((line) => line !== '');
  return knownWords(
    new Map(lines.map((line) => line.split('\t', 2) as [string, string?]).map(([w, m = '']) => [w, m])),
  );
}

function unpacked(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      gunzipSync(bytes, { maxOutputLength: limits.wordListTextBytes }),
    );
  } catch (cause) {
    const rule = 'must be a gzip of UTF-8 text';
    throw new LascauxError({ operation: path, rule, value: (cause as Error).message, cause });
  }
}

/** Writes the words into a model folder. @throws {LascauxError} when a word has a tab or a line break */
export async function writeKnownWords(model: string, meanings: ReadonlyMap<string, string>): Promise<void> {
  const lines = [...meanings].map(([word, meaning]) => {
    check(!/[\t\n]/.test(word + meaning), {
      operation: WORDS_FILE,
      rule: 'words are without tabs and line breaks',
      value: word,
    });
    return `${normalText(word)}\t${meaning}\n`;
  });
  await writeFileAtomically(join(model, WORDS_FILE), gzipSync(lines.join(''), { level: 9 }));
}
