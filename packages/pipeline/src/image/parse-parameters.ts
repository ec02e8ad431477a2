import { check, limits } from '@lascaux/nn';
import { readPairs } from './parameter-pairs.js';
import { EXACT, NEGATIVE, type ParametersText } from './parameters-text.js';

/** A last line with fewer named values than this belongs to the prompt, as AUTOMATIC1111's reader decides. */
const FEWEST_VALUES = 3;

/**
 * The inverse of `formatParameters`, for our texts and AUTOMATIC1111's. The last line that begins with `Steps: N` opens the values, also when
 * lines follow it; without one, the last line when at least three pairs are found in it. A line that begins with `Negative prompt:` never does.
 * `Size: 64x48` also yields `Size-1` and `Size-2`.
 */
export function parseParameters(text: string): ParametersText {
  check(text.length <= limits.settingsText, {
    operation: 'settings text',
    rule: `may have ${limits.settingsText} characters`,
    value: text.length,
  });
  const lines = text.trim().split('\n');
  const start = valuesStart(lines);
  const found = Object.fromEntries(readPairs(lines.slice(start).join('\n')).flatMap(withSides));
  const { [EXACT.prompt]: exactPrompt, [EXACT.negativePrompt]: exactNegative, ...values } = found;
  const prompts = lines.slice(0, start);
  const negativeStart = prompts.findIndex(isNegative);
  const split = negativeStart < 0 ? prompts.length : negativeStart;
  const negative = prompts.slice(split).map((line, index) => (index === 0 ? line.trim().slice(NEGATIVE.length) : line));
  return {
    prompt: exactPrompt ?? joinLines(prompts.slice(0, split)),
    negativePrompt: exactNegative ?? joinLines(negative),
    values,
  };
}

const isNegative = (line: string): boolean => line.trim().startsWith(NEGATIVE);
const hasValues = (line: string): boolean => !isNegative(line) && readPairs(line).length >= FEWEST_VALUES;

/** The line that opens the values; the number of lines when there is none. */
function valuesStart(lines: readonly string[]): number {
  const opening = lines.findLastIndex((line) => /^\s*Steps:\s*\d/.test(line) && hasValues(line));
  if (opening >= 0) return opening;
  return hasValues(lines.at(-1) ?? '') ? lines.length - 1 : lines.length;
}

const joinLines = (lines: readonly string[]): string =>
  lines
    .map((line) => line.trim())
    .join('\n')
    .trim();

function withSides([key, value]: [string, string]): [string, string][] {
  const size = /^(\d+)x(\d+)$/.exec(value);
  if (size === null) return [[key, value]];
  return [
    [key, value],
    [`${key}-1`, size[1] ?? ''],
    [`${key}-2`, size[2] ?? ''],
  ];
}
