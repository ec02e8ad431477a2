import { check, limits } from '@lascaux/nn';

/** What AUTOMATIC1111's web UI writes about a picture: prompt, negative prompt and a line of named values. */
export interface ParametersText {
  prompt: string;
  negativePrompt: string;
  /** Named values in the order written, such as `Steps`, `Sampler`, `CFG scale`, `Seed`, `Size`, `Model`, `Version`. */
  values: Record<string, string>;
}

const NEGATIVE = 'Negative prompt:';
/** AUTOMATIC1111's pattern of one pair; keys are bounded, so that a long prompt without a colon is read in linear time. */
const PAIR = /(\w[\w \-/]{1,60}):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/g;
/** A last line with fewer named values than this belongs to the prompt, as AUTOMATIC1111's reader decides. */
const FEWEST_VALUES = 3;

/** A value as it is written: JSON-quoted where a comma, colon or line break would confuse the reader. */
const quote = (value: string): string => (/[,:\n]/.test(value) ? JSON.stringify(value) : value);

/**
 * The settings of a picture as one text in AUTOMATIC1111's form: prompt, optional line `Negative prompt: …`, and
 * `Key: value` pairs joined by commas. A value that is null or undefined is left out.
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
  const lines = [prompt, ...(negativePrompt === '' ? [] : [`${NEGATIVE} ${negativePrompt}`]), pairs.join(', ')];
  return lines.join('\n').trimEnd();
}

/**
 * The inverse of {@link formatParameters}, for our texts and AUTOMATIC1111's: the last line is the line of values when
 * at least three pairs are found in it, and belongs to the prompt otherwise. `Size: 64x48` also yields `Size-1` and `Size-2`.
 * @throws LascauxError when the text is longer than any settings.
 */
export function parseParameters(text: string): ParametersText {
  check(text.length <= limits.settingsText, {
    operation: 'settings text',
    rule: `may have ${limits.settingsText} characters`,
    value: text.length,
  });
  const lines = text.trim().split('\n');
  const values = parseValues(lines.at(-1) ?? '');
  const hasValues = Object.keys(values).length > 0;
  const prompts = hasValues ? lines.slice(0, -1) : lines;
  const negativeStart = prompts.findIndex((line) => line.trim().startsWith(NEGATIVE));
  const split = negativeStart < 0 ? prompts.length : negativeStart;
  const negative = prompts.slice(split).map((line, index) => (index === 0 ? line.trim().slice(NEGATIVE.length) : line));
  return { prompt: joinLines(prompts.slice(0, split)), negativePrompt: joinLines(negative), values };
}

const joinLines = (lines: readonly string[]): string =>
  lines
    .map((line) => line.trim())
    .join('\n')
    .trim();

function parseValues(line: string): Record<string, string> {
  const pairs = [...line.matchAll(PAIR)];
  if (pairs.length < FEWEST_VALUES) return {};
  return Object.fromEntries(pairs.flatMap(([, key = '', value = '']) => sizePair(key, unquote(value))));
}

function sizePair(key: string, value: string): [string, string][] {
  const size = /^(\d+)x(\d+)$/.exec(value);
  if (size === null) return [[key, value]];
  return [
    [key, value],
    [`${key}-1`, size[1] ?? ''],
    [`${key}-2`, size[2] ?? ''],
  ];
}

function unquote(value: string): string {
  if (!value.startsWith('"') || !value.endsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
