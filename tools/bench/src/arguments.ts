import { parseArgs } from 'node:util';
import { LascauxError, check } from '@lascaux/nn';
import type { NetworkName } from './networks.js';
import { networkNames } from './networks.js';

/** What can be measured. */
export const benches = ['training', 'profile', 'engines'] as const;

/** Sizes of the networks. */
export const sizes = ['full', 'small'] as const;

/** The command line of `npm run bench`, read. */
export interface BenchArguments {
  readonly bench: (typeof benches)[number];
  readonly networks: readonly NetworkName[];
  readonly engine: string | undefined;
  readonly device: string | undefined;
  /** A Python with torch; undefined: none is wanted. */
  readonly peer: string | undefined;
  readonly threads: number | undefined;
  /** Threads that share a batch, of ours only. */
  readonly replicas: number;
  /** Undefined: the network's own. */
  readonly batchSize: number | undefined;
  readonly rounds: number;
  /** The bundled model's sizes, or tiny ones. */
  readonly size: (typeof sizes)[number];
  readonly json: boolean;
}

const OPTIONS = {
  network: { type: 'string' },
  engine: { type: 'string' },
  device: { type: 'string' },
  peer: { type: 'string', default: 'python3' },
  threads: { type: 'string' },
  replicas: { type: 'string', default: '1' },
  'batch-size': { type: 'string' },
  rounds: { type: 'string', default: '7' },
  size: { type: 'string', default: 'full' },
  json: { type: 'boolean', default: false },
} as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new LascauxError({ operation: 'bench', rule: (cause as Error).message, kind: 'usage', cause });
  }
}

function oneOf<Name extends string>(operation: string, value: string | undefined, accepted: readonly Name[]): Name {
  const found = accepted.find((name) => name === value);
  if (found !== undefined) return found;
  throw new LascauxError({
    operation,
    rule: 'must be one of those known',
    value: value ?? '',
    accepted,
    kind: 'usage',
  });
}

function whole(flag: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  check(Number.isSafeInteger(value) && value >= 1, {
    operation: flag,
    rule: 'must be a whole number from 1',
    value: text,
    kind: 'usage',
  });
  return value;
}

/** Reads the arguments. @throws {LascauxError} (usage) naming the flag, the value and what is accepted */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parsed(args);
  const bench = oneOf('bench', positionals.length === 1 ? positionals[0] : positionals.join(' '), benches);
  return {
    bench,
    networks: values.network === undefined ? networkNames : [oneOf('--network', values.network, networkNames)],
    engine: values.engine,
    device: values.device,
    peer: values.peer === 'none' ? undefined : values.peer,
    threads: values.threads === undefined ? undefined : whole('--threads', values.threads),
    replicas: whole('--replicas', values.replicas),
    batchSize: values['batch-size'] === undefined ? undefined : whole('--batch-size', values['batch-size']),
    rounds: whole('--rounds', values.rounds),
    size: oneOf('--size', values.size, sizes),
    json: values.json,
  };
}
