import { LascauxError, check, jsonText } from '@lascaux/nn';
import type { FamilyName } from './family-name.js';
import {
  GENERATE_OPTIONS,
  generateOptions,
  type GenerateOption,
  type GenerateOptionName,
} from './generate-option-table.js';
import { isTakenBy } from './option-defaults.js';

/**
 * Checks the value of one option of `generate` by itself.
 * @throws LascauxError (usage) naming the option, the value and what is accepted.
 */
export function checkOption(name: GenerateOptionName, value: unknown): void {
  const row: GenerateOption = GENERATE_OPTIONS[name];
  if (!row.schema.safeParse(value).success) throw refused(name, shown(value), row.accepted);
}

/**
 * The value that a text stands for, such as a flag's or a form field's.
 * @throws LascauxError (usage) naming the option, the text and what is accepted.
 */
export function readOption(name: GenerateOptionName, text: string): unknown {
  const row: GenerateOption = GENERATE_OPTIONS[name];
  const { success, data } = row.schema.safeParse(row.fromText?.(text));
  if (!success) throw refused(name, text, row.accepted ?? row.textForm);
  return data;
}

/**
 * Checks that no option is given without the one that it needs.
 * @param given by name; undefined is not given
 * @throws LascauxError (usage) naming both.
 */
export function checkNeeds(given: Readonly<Partial<Record<GenerateOptionName, unknown>>>): void {
  for (const [option, { needs }] of generateOptions) {
    check(given[option] === undefined || needs === undefined || given[needs] !== undefined, {
      option,
      rule: `needs the option ${needs}`,
      value: shown(given[option]),
      kind: 'usage',
    });
  }
}

/**
 * Checks that every option means something to a family of models; the default does to all.
 * @throws LascauxError (usage) naming the option and the family.
 */
export function checkFamilyTakes(
  family: FamilyName,
  given: Readonly<Partial<Record<GenerateOptionName, unknown>>>,
): void {
  for (const [option, row] of generateOptions) {
    const value = given[option];
    check(isTakenBy(family, row) || value === undefined || value === row.default, {
      option,
      rule: `has no meaning for ${family}`,
      kind: 'usage',
    });
  }
}

const refused = (option: GenerateOptionName, value: unknown, accepted?: string | readonly string[]): LascauxError =>
  new LascauxError({ option, rule: GENERATE_OPTIONS[option].rule, value, accepted, kind: 'usage' });

/** A value for an error: of an image its size, for its bytes say nothing. */
function shown(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const hasBytes = Object.values(value).some((field) => ArrayBuffer.isView(field));
  return hasBytes ? `{ ${Object.keys(value).join(', ')} }` : jsonText(value);
}
