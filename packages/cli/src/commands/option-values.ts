import { LascauxError } from '@lascaux/nn';

/** What a numeric flag accepts; both bounds are included. */
export interface NumberRange {
  minimum: number;
  maximum: number;
}

/**
 * A reader for a flag that takes a whole number.
 * @throws LascauxError (usage) from the reader, naming the flag, the value and the range.
 */
export const wholeNumber =
  (flag: string, { minimum, maximum }: NumberRange) =>
  (text: string): number => {
    const value = readNumber(text);
    if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
    throw wrongValue({ flag, rule: `must be a whole number from ${minimum} to ${maximum}`, text });
  };

/**
 * A reader for a flag that takes any number.
 * @throws LascauxError (usage) from the reader, naming the flag, the value and the range.
 */
export const anyNumber =
  (flag: string, { minimum, maximum }: NumberRange) =>
  (text: string): number => {
    const value = readNumber(text);
    if (value >= minimum && value <= maximum) return value;
    throw wrongValue({ flag, rule: `must be a number from ${minimum} to ${maximum}`, text });
  };

/**
 * A reader for a flag that takes one of several names.
 * @throws LascauxError (usage) from the reader, naming the flag, the value and the names.
 */
export const oneOf =
  <Name extends string>(flag: string, names: readonly Name[]) =>
  (text: string): Name => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    throw wrongValue({ flag, rule: 'must be one of these', text, accepted: names.join(', ') });
  };

/**
 * Two whole numbers with a separator between them, such as `1024x768`.
 * @throws LascauxError (usage) naming the flag, the value and the form.
 */
export function numberPair(flag: string, separator: 'x' | ',', text: string): [number, number] {
  const parts = text.split(separator).map(readNumber);
  const [first, second] = parts;
  const isPair = parts.length === 2 && parts.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (isPair && first !== undefined && second !== undefined) return [first, second];
  throw wrongValue({ flag, rule: 'must be two whole numbers', text, accepted: `such as 512${separator}384` });
}

/** Decimal notation only: no empty text, hexadecimal, infinity or trailing letters. */
function readNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}

function wrongValue(facts: { flag: string; rule: string; text: string; accepted?: string }) {
  const { flag, rule, text, accepted } = facts;
  return new LascauxError({ operation: flag, rule, value: text, accepted, kind: 'usage' });
}
