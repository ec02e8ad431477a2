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
    throw wrongValue({ flag, rule: 'must be a whole number', text, accepted: `${minimum} to ${maximum}` });
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
    throw wrongValue({ flag, rule: 'must be a number', text, accepted: `${minimum} to ${maximum}` });
  };

/** Decimal notation only: no empty text, hexadecimal, infinity or trailing letters. */
function readNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}

function wrongValue(facts: { flag: string; rule: string; text: string; accepted: string }) {
  const { flag, rule, text, accepted } = facts;
  return new LascauxError({ operation: flag, rule, value: text, accepted, kind: 'usage' });
}
