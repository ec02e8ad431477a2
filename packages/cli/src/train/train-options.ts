import { check, LascauxError, readJson } from '@lascaux/nn';
import { z } from 'zod';
import type { TrainFlags, TrainablePart } from './train-flags.js';

const count = z.int().min(1);
const share = z.number().min(0).max(1);
/** Keys of a network's config; the network's own reader checks them, once they are joined with the defaults. */
const network = z.record(z.string(), z.unknown());

const common = {
  images: count.optional(),
  batchSize: count.max(65_536).optional(),
  size: z.int().min(8).max(2048).optional(),
  seed: z.int().min(0).optional(),
  rate: z.number().positive().max(1).optional(),
};

const sharing = { replicas: count.max(1024).optional(), accumulation: count.max(65_536).optional() };

const process = z.strictObject({
  num_train_timesteps: count.optional(),
  beta_start: z.number().positive().optional(),
  beta_end: z.number().positive().max(1).optional(),
  beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']).optional(),
  prediction_type: z.enum(['epsilon', 'v_prediction', 'sample']).optional(),
});

/** What a `--config` file may hold, part by part. Unknown keys are refused. */
export const optionSchemas = {
  vae: z.strictObject({
    ...common,
    ...sharing,
    network: network.optional(),
    beta: z.number().min(0).optional(),
    freezeEncoder: z.boolean().optional(),
    decodeFrom: z.enum(['sample', 'mean']).optional(),
  }),
  'text-encoder': z.strictObject({
    ...common,
    text: network.optional(),
    vision: network.optional(),
    vocabulary: z.int().min(514).max(65_536).optional(),
    maxLength: z.int().min(3).max(512).optional(),
  }),
  denoiser: z.strictObject({
    ...common,
    ...sharing,
    network: network.optional(),
    process: process.optional(),
    dropout: share.optional(),
    gamma: z.number().positive().optional(),
  }),
} as const;

/** The options of a part, all of them optional: what is left out is the trainer's default. */
export type PartOptions<Part extends TrainablePart> = z.output<(typeof optionSchemas)[Part]>;

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

async function readConfigFile(part: TrainablePart, path: string): Promise<object> {
  const found = await readJson(path, (json) => {
    const result = optionSchemas[part].safeParse(json);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw complaint(path, issue!, Object.keys(optionSchemas[part].shape));
  });
  check(found !== undefined, { operation: '--config', rule: 'no such file', value: path, kind: 'usage' });
  return found;
}

function complaint(path: string, issue: z.core.$ZodIssue, known: readonly string[]): LascauxError {
  const at = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys')
    return new LascauxError({
      operation: `--config ${path}`,
      rule: `${at || 'root'}: ${issue.message}`,
      kind: 'usage',
    });
  const value = issue.keys.map((key) => [...issue.path, key].join('.')).join(', ');
  const accepted = at === '' ? known : undefined;
  return new LascauxError({ operation: `--config ${path}`, rule: 'unknown key', value, accepted, kind: 'usage' });
}
