import { LascauxError } from '@lascaux/nn';
import { END_OF_TEXT, END_OF_WORD, START_OF_TEXT } from './byte-alphabet.js';
import type { ClipTokenizer } from './tokenizer.js';

// CLIP's word pattern in the regular expression dialect of the tokenizers library.
const WORD_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** The name of an id. */
export function tokenOf({ vocab }: ClipTokenizer, id: number): string {
  for (const [token, candidate] of vocab) if (candidate === id) return token;
  throw new LascauxError({ operation: 'tokenOf', rule: 'id must be in the vocabulary', value: id });
}

function addedToken(content: string, id: number) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: true, special: true };
}

/** The tokenizer as the `tokenizer.json` that CLIPTokenizerFast saves (format of the Hugging Face tokenizers library). */
export function tokenizerJson(tokenizer: ClipTokenizer) {
  const { vocab, merges, startId, endId, padId } = tokenizer;
  const specialIds = [...new Set([startId, endId, padId])].sort((a, b) => a - b);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialIds.map((id) => addedToken(tokenOf(tokenizer, id), id)),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORD_PATTERN }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [END_OF_TEXT, endId],
      cls: [START_OF_TEXT, startId],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: END_OF_TEXT,
      continuing_subword_prefix: '',
      end_of_word_suffix: END_OF_WORD,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(vocab),
      merges: merges.map((merge) => merge.join(' ')),
    },
  };
}
