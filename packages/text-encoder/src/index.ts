export { clipTokenizer } from './clip/tokenizer.js';
export type { ClipTokenizer, ClipTokenizerOptions, TokenSequence } from './clip/tokenizer.js';
export { loadTokenizer } from './clip/load-tokenizer.js';
export type { LoadTokenizerOptions } from './clip/load-tokenizer.js';
export { saveTokenizer } from './clip/save-tokenizer.js';
export { trainBpe } from './clip/train-bpe.js';
export type { TrainBpeOptions, TrainedBpe } from './clip/train-bpe.js';
export type { ClipVocabulary, Merge } from './clip/vocabulary.js';
export { END_OF_TEXT, START_OF_TEXT } from './clip/byte-alphabet.js';
