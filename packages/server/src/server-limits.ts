/** How much a request may ask for. */
export interface ServerLimits {
  /** Bytes of a request's body, uploads included. */
  readonly bodyBytes: number;
  /** Pixels of an uploaded image. */
  readonly uploadPixels: number;
  /** Characters of a prompt, and of a negative prompt. */
  readonly promptCharacters: number;
  /** Pixels of a painted image: width times height. */
  readonly pixels: number;
  readonly steps: number;
  /** Images of one request. */
  readonly images: number;
  /** Seconds that one image may take to paint, waiting not counted. */
  readonly seconds: number;
}

/** Limits where nothing else is said: those of OpenAI for what it has, and what a large model needs for the rest. */
export const DEFAULT_LIMITS: ServerLimits = {
  bodyBytes: 50 * 2 ** 20,
  uploadPixels: 2 ** 25,
  promptCharacters: 32_000,
  pixels: 2048 * 2048,
  steps: 150,
  images: 10,
  seconds: 600,
};
