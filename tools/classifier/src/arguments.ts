import { parseArgs } from 'node:util';

/** Wrong usage: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of a command line, read with checks; each throws a `UsageError` of one line. */
export interface Arguments {
  has(name: string): boolean;
  /** The text given for an option, or the fallback; refused when there is neither. */
  text(name: string, fallback?: string): string;
  /** The number given, if one was; refused when it is no whole number from `min` (0 unless given). */
  whole(name: string, options?: { readonly min?: number }): number | undefined;
  /** The number above 0 given, if one was. */
  number(name: string): number | undefined;
  /** Items given with commas between, all accepted ones unless given; refused when one is not accepted. */
  list(name: string, accepted: readonly string[]): readonly string[];
}

/** Names of options: those with a value, and switches. */
export interface ArgumentNames {
  readonly values: readonly string[];
  readonly switches: readonly string[];
}

/** Reads options. @throws {UsageError} for one that does not exist or lacks its value */
export function readArguments(args: readonly string[], { values, switches }: ArgumentNames): Arguments {
  const given = parse(args, {
    ...Object.fromEntries(values.map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(switches.map((name) => [name, { type: 'boolean' as const }])),
  });
  const numberOf = (name: string, rule: string, accept: (value: number) => boolean): number | undefined => {
    const text = given.get(name);
    if (text === undefined) return undefined;
    const value = text.trim() === '' ? NaN : Number(text);
    if (!accept(value)) throw new UsageError(`--${name}: must be ${rule}, got "${text}"`);
    return value;
  };
  return {
    has: (name) => given.has(name),
    text: (name, fallback = '') => {
      const text = given.get(name) ?? fallback;
      if (text === '') throw new UsageError(`--${name}: must be given, got nothing`);
      return text;
    },
    whole: (name, { min = 0 } = {}) =>
      numberOf(name, `a whole number from ${min}`, (value) => Number.isSafeInteger(value) && value >= min),
    number: (name) => numberOf(name, 'a number above 0', (value) => value > 0 && Number.isFinite(value)),
    list: (name, accepted) => {
      const items =
        given
          .get(name)
          ?.split(',')
          .map((item) => item.trim()) ?? accepted;
      const unknown = items.find((item) => !accepted.includes(item));
      if (unknown === undefined) return items;
      throw new UsageError(`--${name}: must be some of ${accepted.join(', ')}, got "${unknown}"`);
    },
  };
}

type OptionTypes = Record<string, { readonly type: 'string' | 'boolean' }>;

function parse(args: readonly string[], options: OptionTypes): ReadonlyMap<string, string> {
  try {
    const { values } = parseArgs({ args: [...args], options });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
