import type { FamilyName } from './family-name.js';
import type { GenerateDefaults } from './generate-defaults.js';
import { generateOptions, type DefaultContext, type GenerateOption } from './generate-option-table.js';

/** What a call takes for an option that it does not name; undefined where that stays unset. */
export const defaultOf = (row: Pick<GenerateOption, 'default'>, context: DefaultContext): unknown =>
  typeof row.default === 'function' ? (row.default as (context: DefaultContext) => unknown)(context) : row.default;

/** Whether an option has a meaning for a family of models. */
export const isTakenBy = (family: FamilyName, { families }: Pick<GenerateOption, 'families'>): boolean =>
  families?.includes(family) ?? true;

/** The defaults of a call that paints from noise with a model, of the options that have a meaning for its family and one. */
export function optionDefaults(model: GenerateDefaults, family: FamilyName): Readonly<Record<string, unknown>> {
  const taken = generateOptions.filter(([, row]) => isTakenBy(family, row));
  const values = taken.map(([name, row]) => [name, defaultOf(row, { model })] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== ''));
}
