/** What the denoiser gets from a text: one vector a token. */
export interface TextEmbedding {
  /** Row-major [tokens, channels]. */
  readonly values: Float32Array;
  readonly shape: readonly [number, number];
}

/** A text as the denoiser's conditioning. */
export interface EncodedPrompt {
  readonly embedding: TextEmbedding;
  /** Tokens of the text that did not fit and were left out. */
  readonly truncated: number;
}

/** The first stage as the pipeline sees it. */
export interface PromptEncoder {
  readonly encode: (prompt: string) => Promise<EncodedPrompt>;
  readonly dispose: () => Promise<void>;
}
