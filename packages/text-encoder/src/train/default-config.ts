import type { CLIPTextConfig, CLIPVisionConfig } from '@lascaux/nn/networks';
import { clipTextConfig, clipVisionConfig } from '@lascaux/nn/networks';
import type { ClipTokenizer } from '../index.js';

/** Most tokens of a caption, start and end included: the scenes' longest captions have 25. */
export const DEFAULT_MAX_LENGTH = 32;
/** Entries of the learned vocabulary at most; the scenes' words need fewer. */
export const DEFAULT_VOCABULARY = 2048;

/** The text half of the bundled model's CLIP, for a tokenizer. */
export const defaultTextConfig = (tokenizer: ClipTokenizer): CLIPTextConfig =>
  clipTextConfig({
    vocab_size: tokenizer.vocabSize,
    hidden_size: 128,
    intermediate_size: 512,
    projection_dim: 128,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    max_position_embeddings: tokenizer.maxLength,
    eos_token_id: tokenizer.endId,
  });

/** The picture half: 64×64 pixels in patches of 8. */
export const defaultVisionConfig: CLIPVisionConfig = clipVisionConfig({
  hidden_size: 128,
  intermediate_size: 512,
  projection_dim: 128,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  image_size: 64,
  patch_size: 8,
});

/** How a CLIP is trained where the caller says nothing: pairs seen, a step's pairs, highest learning rate. */
export const clipTrainingDefaults = { images: 30_000, batchSize: 64, seed: 0, rate: 2e-3 } as const;
