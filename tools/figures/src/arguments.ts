import { parseArgs } from 'node:util';
import { LascauxError, check } from '@lascaux/nn';
import { figures } from './figures.js';

/** The command line of `npm run figures`, read. */
export interface FigureArguments {
  readonly name: string;
  readonly model: string;
  readonly data: string;
  readonly count: number | undefined;
  readonly seed: number;
  readonly json: boolean;
}

const OPTIONS = {
  model: { type: 'string', default: 'models/lascaux-mini' },
  data: { type: 'string', default: 'data/scenes' },
  count: { type: 'string' },
  seed: { type: 'string', default: '0' },
  json: { type: 'boolean', default: false },
} as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new LascauxError({ operation: 'figures', rule: (cause as Error).message, kind: 'usage', cause });
  }
}

function whole(flag: string, text: string, minimum: number): number {
  const value = text.trim() === '' ? NaN : Number(text);
  const rule = `must be a whole number from ${minimum}`;
  check(Number.isSafeInteger(value) && value >= minimum, { operation: flag, rule, value: text, kind: 'usage' });
  return value;
}

/** Reads the arguments. @throws {LascauxError} (usage) naming the flag, the value and what is accepted */
export function readArguments(args: readonly string[]): FigureArguments {
  const { values, positionals } = parsed(args);
  const [name, ...more] = positionals;
  check(name !== undefined && name in figures && more.length === 0, {
    operation: 'figures',
    rule: 'must be one figure',
    value: positionals.join(' '),
    accepted: Object.keys(figures),
    kind: 'usage',
  });
  return {
    name,
    model: values.model,
    data: values.data,
    count: values.count === undefined ? undefined : whole('--count', values.count, 1),
    seed: whole('--seed', values.seed, 0),
    json: values.json,
  };
}
