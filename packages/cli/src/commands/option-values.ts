import { LascauxError } from '@lascaux/nn';
import { numberFrom, type NumberRange } from '@lascaux/pipeline/options';

/**
 * A reader for a flag that takes a whole number.
 * @throws LascauxError (usage) from the reader, naming the flag, the value and the range.
 */
export const wholeNumber =
  (flag: string, { minimum, maximum }: NumberRange) =>
  (text: string): number => {
    const value = numberFrom(text);
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
    const value = numberFrom(text);
    if (value >= minimum && value <= maximum) return value;
    throw wrongValue({ flag, rule: `must be a number from ${minimum} to ${maximum}`, text });
  };

const wrongValue = ({ flag, rule, text }: { flag: string; rule: string; text: string }): LascauxError =>
  new LascauxError({ operation: flag, rule, value: text, kind: 'usage' });
