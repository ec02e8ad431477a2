import { GENERATE_OPTIONS } from '@lascaux/pipeline/options';
import { z } from 'zod';
import type { ServerLimits } from '../server-limits.js';

/** A value that may be left out, or null, as OpenAI allows for all but the prompt. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined) as z.ZodType<z.output<Schema> | undefined>;

const ignored = (why: string) => z.unknown().optional().describe(`Accepted and ignored: ${why}.`);

/** What all three ways of asking for images share. */
export function imageParameters({ images, steps, promptCharacters }: ServerLimits) {
  return {
    model: optional(z.string()).describe(
      "A model's id; default: the first. Names of OpenAI's models mean the first, too.",
    ),
    n: optional(z.int().min(1).max(images)).describe('Number of images; image k has the seed `seed + k`. Default 1.'),
    size: optional(z.string().regex(/^(?:auto|\d{1,5}x\d{1,5})$/, 'must be auto or WIDTHxHEIGHT')).describe(
      'Pixels, such as 512x512; default auto: the size that the model was trained on.',
    ),
    response_format: optional(z.enum(['b64_json', 'url', 'file'])).describe(
      '`b64_json` (default); `url`: kept 600 s; `file`: the bytes of the one image, alone.',
    ),
    output_format: optional(z.enum(['png', 'jpeg', 'webp'])).describe('Default png.'),
    output_compression: optional(z.int().min(0).max(100)).describe('Quality of jpeg and webp. Default 95.'),
    stream: optional(z.boolean()).describe('Events instead of one answer. Default false.'),
    partial_images: optional(z.int().min(0).max(steps)).describe(
      'Previews of an image while it is painted, evenly over its steps; as many as there are steps: after each but the last. Default 0.',
    ),
    negative_prompt: optional(z.string().max(promptCharacters)).describe('What to steer away from.'),
    num_inference_steps: optional(z.int().min(1).max(steps)).describe("Sampling steps; default: the model's."),
    guidance_scale: optional(GENERATE_OPTIONS.guidanceScale.schema).describe(
      "Guidance scale, 1 is off; default: the model's.",
    ),
    seed: optional(GENERATE_OPTIONS.seed.schema).describe(
      'Seed of the first image; left out, or −1: drawn. The answer names it.',
    ),
    sampler: optional(z.string().max(100)).describe(
      "A sampler's name, as `lascaux generate --help` lists; default: the model's.",
    ),
    quality: ignored('painting has one quality'),
    background: optional(z.enum(['auto', 'opaque'])).describe('What is painted is opaque.'),
    moderation: ignored('nothing is moderated'),
    style: ignored('say it in the prompt'),
    user: ignored('clients are told apart by key or address'),
  };
}

/** The body of `POST /v1/images/generations`. */
export const generationBody = (limits: ServerLimits) =>
  z
    .strictObject({
      prompt: z.string().max(limits.promptCharacters).describe('What to paint.'),
      ...imageParameters(limits),
    })
    .meta({ id: 'ImageGeneration' });

/** What a body asks for, as far as all three ways share it. */
export type ImageParameters = z.output<z.ZodObject<ReturnType<typeof imageParameters>>>;
