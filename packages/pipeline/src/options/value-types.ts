import { z } from 'zod';

/** A kind of value that an option has: what is accepted, and how it is written as text. */
export interface ValueType<Value = unknown> {
  readonly schema: z.ZodType<Value>;
  /** What the schema demands, in the words of an error. */
  readonly rule: string;
  /** The values that are accepted, where the rule does not name them. */
  readonly accepted?: readonly string[];
  /** Stands for the value in a help text, such as `n` or `WxH`. */
  readonly placeholder: string;
  /** The value that a text stands for, such as a flag's or a form field's; one that the schema refuses where the text makes no sense. */
  readonly fromText?: (text: string) => unknown;
  /** How it is written as text, for errors. */
  readonly textForm?: string;
}

/** What a number may be; both ends are accepted. */
export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** Width and height in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Any text. */
export const text: ValueType<string> = {
  schema: z.string(),
  rule: 'must be a text',
  placeholder: 'text',
  fromText: (written: string) => written,
};

/** A whole number of a range. */
export const whole = ({ minimum, maximum }: NumberRange): ValueType<number> => ({
  schema: z.int().min(minimum).max(maximum),
  rule: `must be a whole number from ${minimum} to ${maximum}`,
  placeholder: 'n',
  fromText: numberFrom,
});

/** Any number of a range. */
export const number = ({ minimum, maximum }: NumberRange): ValueType<number> => ({
  schema: z.number().min(minimum).max(maximum),
  rule: `must be a number from ${minimum} to ${maximum}`,
  placeholder: 'x',
  fromText: numberFrom,
});

/** A part of a whole, more than nothing. */
export const share: ValueType<number> = {
  schema: z.number().gt(0).max(1),
  rule: 'must be above 0 and at most 1',
  placeholder: 'x',
  fromText: numberFrom,
};

/** One of several names. */
export const oneOf = <const Name extends string>(names: readonly Name[]): ValueType<Name> => ({
  schema: z.enum(names),
  rule: 'must be one of these',
  accepted: names,
  placeholder: 'name',
  fromText: (written: string) => written,
});

const side = z.int().min(0);

/** A size in pixels, `WxH` as text. */
export const size: ValueType<PictureSize> = {
  schema: z.object({ width: side, height: side }),
  rule: 'must be two whole numbers',
  placeholder: 'WxH',
  fromText: (written: string) => {
    const [width, height] = pairFrom(written, 'x');
    return { width, height };
  },
  textForm: 'such as 512x384',
};

/** A place in pixels, `X,Y` as text. */
export const place: ValueType<{ readonly top: number; readonly left: number }> = {
  schema: z.object({ top: side, left: side }),
  rule: 'must be two whole numbers',
  placeholder: 'X,Y',
  fromText: (written: string) => {
    const [left, top] = pairFrom(written, ',');
    return { top, left };
  },
  textForm: 'such as 512,384',
};

/** Two numbers with a separator between them; NaN for what is none, and for a third. */
function pairFrom(written: string, separator: string): readonly number[] {
  const parts = written.split(separator).map(numberFrom);
  return parts.length === 2 ? parts : [Number.NaN, Number.NaN];
}

/** Decimal notation only: no empty text, hexadecimal, infinity or trailing letters; NaN for those. */
export function numberFrom(written: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written.trim()) ? Number(written) : Number.NaN;
}
