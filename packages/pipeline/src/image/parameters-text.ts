/** What AUTOMATIC1111's web UI writes about a picture: prompt, negative prompt and a line of named values. */
export interface ParametersText {
  prompt: string;
  negativePrompt: string;
  /** Named values in the order written, such as `Steps`, `Sampler`, `CFG scale`, `Seed`, `Size`, `Model`, `Version`. */
  values: Record<string, string>;
}

/** How the line begins that opens the negative prompt. */
export const NEGATIVE = 'Negative prompt:';
/** Values that hold a prompt to the letter, where the readable one had to be changed. */
export const EXACT = { prompt: 'Exact prompt', negativePrompt: 'Exact negative prompt' } as const;

/** The beginning of a line that readers take for the negative prompt, or for the values; what Python strips stands before it. */
const FORGED = /^([\s\x00-\x1f\x85]*(?:Negative prompt|Steps(?=:\s*\d)))(?=:)/gm;

/** A value as it is written: JSON-quoted where a comma, colon, quote or line break would confuse the reader. */
const quote = (value: string): string => (/[,:\n\r]|^["[{]/.test(value) ? JSON.stringify(value) : value);

/**
 * The settings of a picture as one text in AUTOMATIC1111's form: prompt, optional line `Negative prompt: …`, and
 * `Key: value` pairs joined by commas. A value that is null or undefined is left out. A line of a prompt that reads as one of those lines
 * gets a blank before its colon, and the prompt to the letter becomes a value, so that no prompt can forge settings.
 */
export function formatParameters(parameters: {
  prompt: string;
  negativePrompt?: string;
  values: Record<string, string | number | null | undefined>;
}): string {
  const { prompt, negativePrompt = '', values } = parameters;
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value == null ? [] : `${key}: ${quote(String(value))}`,
  );
  const exact = [...exactly(EXACT.prompt, prompt), ...exactly(EXACT.negativePrompt, negativePrompt)];
  const negative = negativePrompt === '' ? [] : [`${NEGATIVE} ${harmless(negativePrompt)}`];
  return [harmless(prompt), ...negative, [...pairs, ...exact].join(', ')].join('\n').trimEnd();
}

/** `Negative prompt :` means the same to a text encoder, and nothing to a reader. */
const harmless = (prompt: string): string => prompt.replace(FORGED, '$1 ');

/** The pair that keeps a changed prompt; its colons are written as JSON escapes, for readers that search the whole text. */
const exactly = (key: string, prompt: string): readonly string[] =>
  harmless(prompt) === prompt ? [] : [`${key}: ${JSON.stringify(prompt).replaceAll(':', '\\u003a')}`];
