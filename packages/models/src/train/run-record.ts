import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { check, readJson } from '@lascaux/nn';
import { z } from 'zod';
import type { TrainablePart } from './training-call.js';

type Keys = Readonly<Record<string, unknown>>;

/** Where a run is looked for, and whether one may be there. */
interface RunToFind {
  readonly part: TrainablePart;
  readonly out: string;
  readonly resume: boolean;
}

/**
 * What an earlier start of the run recorded as its options; undefined in a folder without a checkpoint.
 * @throws {LascauxError} when the folder holds a run that is not to be resumed, or one of another part
 */
export async function recordedRun({ part, out, resume }: RunToFind): Promise<Keys | undefined> {
  const names = await readdir(join(out, 'checkpoints')).catch(() => []);
  if (!names.some((name) => name.startsWith('images-') && name.endsWith('.safetensors'))) return undefined;
  check(resume, {
    option: 'out',
    rule: 'already holds a run: resume it, or name another folder',
    value: out,
    kind: 'usage',
  });
  const path = join(out, 'options.json');
  const { config, seed } = await readRecord(path);
  check(config.kind === part, {
    option: 'out',
    rule: `holds a run of ${typeof config.kind === 'string' ? config.kind : 'something else'}, not of ${part}`,
    value: out,
    kind: 'usage',
  });
  return { ...config, seed };
}

async function readRecord(path: string): Promise<{ config: Keys; seed: unknown }> {
  const record = await readJson(path, (json) => recordSchema.parse(json));
  check(record !== undefined, { operation: path, rule: 'must be there to resume the run', kind: 'usage' });
  return { config: record.config ?? {}, seed: record.seed };
}

const recordSchema = z.looseObject({ config: z.record(z.string(), z.unknown()).nullish(), seed: z.unknown() });

/**
 * The options of a resumed run: the recorded ones, of which only the length may be changed.
 * @param out the run's folder
 * @param asked what is asked for now; absent keys stay as they were
 * @throws {LascauxError} naming the first option that differs
 */
export function resumedOptions<Options extends Keys>(out: string, recorded: Keys, asked: Options): Options {
  for (const [key, value] of Object.entries(asked)) {
    if (key === 'images' || value === undefined || !(key in recorded)) continue;
    const difference = firstDifference(recorded[key], value, key);
    check(difference === undefined, () => ({
      option: 'resume',
      rule: `the run in ${out} has ${difference!.path} ${JSON.stringify(difference!.before)}`,
      value: difference!.now,
      kind: 'usage',
    }));
  }
  const kept = Object.fromEntries(Object.entries(recorded).filter(([key]) => key !== 'kind'));
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  return { ...kept, ...given, ...partsOf(recorded, asked) } as Options;
}

/** Nested options are compared where they are given, and taken whole from the record. */
function partsOf(recorded: Keys, asked: Keys): Keys {
  return Object.fromEntries(Object.entries(recorded).filter(([key, value]) => isRecord(value) && key in asked));
}

const isRecord = (value: unknown): value is Keys =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function firstDifference(
  before: unknown,
  now: unknown,
  path: string,
): { path: string; before: unknown; now: unknown } | undefined {
  if (isRecord(now) && isRecord(before)) {
    for (const [key, value] of Object.entries(now)) {
      const found = firstDifference(before[key], value, `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return isDeepStrictEqual(before, now) ? undefined : { path, before, now };
}
