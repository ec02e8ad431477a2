import { LascauxError } from '@lascaux/nn';
import { z } from 'zod';
import { CALL_KEYS, type TrainablePart } from './training-call.js';

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

/** What can be said of a training, part by part. Unknown keys are refused. */
export const trainingSchemas = {
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
export type PartOptions<Part extends TrainablePart> = z.output<(typeof trainingSchemas)[Part]>;

/**
 * The options of a part among those of a call.
 * @param others what the call takes besides the part's options and those that all have
 * @throws {LascauxError} (usage) naming the option that is unknown or has a wrong value
 */
export function partOptions<Part extends TrainablePart>(
  part: Part,
  call: object,
  others: readonly string[],
): PartOptions<Part> {
  const known: readonly string[] = [...CALL_KEYS, ...others];
  const own = Object.entries(call).filter(([key, value]) => !known.includes(key) && value !== undefined);
  const { success, data, error } = trainingSchemas[part].safeParse(Object.fromEntries(own));
  if (success) return data as PartOptions<Part>;
  const [issue] = error.issues;
  const isUnknown = issue?.code === 'unrecognized_keys';
  const path = isUnknown ? [...issue.path, ...issue.keys.slice(0, 1)] : (issue?.path ?? []);
  throw new LascauxError({
    option: path.join('.'),
    rule: isUnknown ? 'no such option' : (issue?.message ?? 'is wrong'),
    accepted: isUnknown && issue.path.length === 0 ? Object.keys(trainingSchemas[part].shape) : undefined,
    kind: 'usage',
  });
}
