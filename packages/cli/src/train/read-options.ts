import { check, LascauxError, readJson } from '@lascaux/nn';
import { trainingSchemas, type PartOptions, type TrainablePart } from '@lascaux/models/train';
import type { z } from 'zod';
import type { TrainFlags } from './train-flags.js';

const flagKeys = [
  ...(['images', 'batchSize', 'replicas', 'accumulation', 'size', 'seed', 'rate'] as const),
  ...(['beta', 'freezeEncoder', 'dropout', 'gamma'] as const),
] as const;

/**
 * What the user asks for: the `--config` file, with flags winning over it.
 * @throws {LascauxError} naming the file and the key that is unknown or has a wrong value
 */
export async function readOptions<Part extends TrainablePart>(
  part: Part,
  flags: TrainFlags,
): Promise<PartOptions<Part>> {
  const file = flags.config === undefined ? {} : await readConfigFile(part, flags.config);
  const given = Object.fromEntries(flagKeys.filter((key) => flags[key] !== undefined).map((key) => [key, flags[key]]));
  return { ...file, ...given } as PartOptions<Part>;
}

/** Says in which file an option stands that is no flag. @throws what it was given, with the file's name where that helps */
export function nameConfigFile(error: unknown, { config }: Pick<TrainFlags, 'config'>): never {
  const isInFile = error instanceof LascauxError && /^(network|text|vision)\b/.test(error.option ?? '');
  if (!isInFile || config === undefined) throw error;
  const { option, rule, value, accepted, kind } = error;
  const operation = `--config ${config}: ${option}`;
  throw new LascauxError({ operation, rule, value, accepted, kind, cause: error });
}

async function readConfigFile(part: TrainablePart, path: string): Promise<object> {
  const schema = trainingSchemas[part];
  const found = await readJson(path, (json) => {
    const result = schema.safeParse(json);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw complaint(path, issue!, Object.keys(schema.shape));
  });
  check(found !== undefined, { option: 'config', rule: 'no such file', value: path, kind: 'usage' });
  return found;
}

function complaint(path: string, issue: z.core.$ZodIssue, known: readonly string[]): LascauxError {
  const at = issue.path.join('.');
  const operation = `--config ${path}`;
  if (issue.code !== 'unrecognized_keys')
    return new LascauxError({ operation, rule: `${at || 'root'}: ${issue.message}`, kind: 'usage' });
  const value = issue.keys.map((key) => [...issue.path, key].join('.')).join(', ');
  const accepted = at === '' ? known : undefined;
  return new LascauxError({ operation, rule: 'unknown key', value, accepted, kind: 'usage' });
}
