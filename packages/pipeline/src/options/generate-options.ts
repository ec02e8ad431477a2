import type { z } from 'zod';
import type { GENERATE_OPTIONS, GenerateOptionName } from './generate-option-table.js';

type Rows = typeof GENERATE_OPTIONS;
type ValueOf<Name extends GenerateOptionName> = z.infer<Rows[Name]['schema']>;

/** Whether a call always has a value of an option. */
type IsFilled<Row> = Row extends { readonly default: (...context: never) => infer Value }
  ? undefined extends Value
    ? false
    : true
  : Row extends { readonly default: unknown }
    ? true
    : false;

/** What a call may be told, but for the prompt: each row of {@link GENERATE_OPTIONS}. */
type Choices = { readonly [Name in keyof Rows as Exclude<Name, 'prompt'>]?: ValueOf<Name> };

/** Options of one call of `generate`; what is left out comes from the model. */
export interface GenerateOptions extends Choices {
  /** What to paint. */
  readonly prompt: string;
}

/** Options of a call with every default filled in: `strength` only where there is an image to start from, others only where they were given. */
export type ResolvedOptions = { readonly prompt: string } & {
  readonly [Name in keyof Rows as IsFilled<Rows[Name]> extends true ? Name : never]: ValueOf<Name>;
} & {
  readonly [
    Name in keyof Rows as IsFilled<Rows[Name]> extends true
      ? never
      : Rows[Name] extends { readonly isBytes: true }
        ? never
        : Exclude<Name, 'prompt'>
  ]?: ValueOf<Name>;
};
