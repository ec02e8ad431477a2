export { clipTokenizer } from './clip/tokenizer.js';
export type { ClipTokenizer, ClipTokenizerOptions } from './clip/tokenizer.js';
export { loadTokenizer } from './clip/load-tokenizer.js';
export { tokenizerFromFiles } from './clip/tokenizer-from-files.js';
export type { LoadTokenizerOptions } from './clip/tokenizer-from-files.js';
export type { TextFiles } from './files/text-files.js';
export { saveTokenizer } from './clip/save-tokenizer.js';
export { trainBpe } from './clip/train-bpe.js';
export type { TrainBpeOptions, TrainedBpe } from './clip/train-bpe.js';
export type { ClipVocabulary, Merge } from './clip/vocabulary.js';
export { loadT5Tokenizer } from './t5/load-t5-tokenizer.js';
export type { LoadT5TokenizerOptions } from './t5/load-t5-tokenizer.js';
export { attentionMask } from './text-tokenizer.js';
export type { TextTokenizer, TokenSequence } from './text-tokenizer.js';
export { textEncoder } from './run/text-encoder.js';
export type { EncodeIdsOptions, TextEmbedding, TextEncoder, TextEncoderOptions } from './run/text-encoder.js';
export { finalNorm } from './run/final-norm.js';
export type { FinalNorm } from './run/final-norm.js';
export { loadTextEncoder } from './run/load-text-encoder.js';
export { textEncoderFromFiles } from './run/text-encoder-from-files.js';
export type { TextEncoderFiles } from './run/text-encoder-from-files.js';
export type { LoadTextEncoderOptions } from './run/load-text-encoder.js';
export type { TensorDeclaration, TextSession } from './run/session.js';
export { parsePromptSections, parsePromptWeights } from './prompt/weights.js';
export type { WeightedText } from './prompt/weights.js';
export { embedPrompt, promptTokens } from './prompt/encode-prompt.js';
export type {
  EmbedPromptOptions,
  PromptEmbedding,
  PromptSyntax,
  PromptTokens,
  PromptTokensOptions,
} from './prompt/encode-prompt.js';
export { emphasise } from './prompt/emphasis.js';
export { promptChunks } from './prompt/chunks.js';
export type { PromptChunk } from './prompt/chunks.js';
export { END_OF_TEXT, START_OF_TEXT } from './clip/byte-alphabet.js';
