import { GENERATE_OPTIONS } from '@lascaux/pipeline/options';
import { z } from 'zod';
import type { ServerLimits } from '../server-limits.js';

/** A field that may be left out or null. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined) as z.ZodType<z.output<Schema> | undefined>;

/** Of these, AUTOMATIC1111's own defaults would hide the model's. */
const fields = ({ promptCharacters, steps, images }: ServerLimits) => ({
  prompt: z.string().max(promptCharacters).default(''),
  negative_prompt: optional(z.string().max(promptCharacters)),
  seed: optional(GENERATE_OPTIONS.seed.schema),
  steps: optional(z.int().min(1).max(steps)).describe("Default: the model's."),
  cfg_scale: optional(GENERATE_OPTIONS.guidanceScale.schema).describe("Default: the model's."),
  width: optional(z.int()).describe("Default: the model's."),
  height: optional(z.int()).describe("Default: the model's."),
  batch_size: z.int().min(1).max(images).default(1),
  n_iter: z.int().min(1).max(images).default(1),
  sampler_name: optional(z.string().max(100)),
  sampler_index: optional(z.string().max(100)),
  scheduler: optional(z.string().max(100)),
  clip_skip: optional(GENERATE_OPTIONS.clipSkip.schema),
  send_images: z.boolean().default(true),
  enable_hr: optional(z.literal(false, 'a second pass is not offered')),
  restore_faces: optional(z.literal(false, 'restoring faces is not offered')),
  tiling: optional(z.literal(false, 'tiling is not offered')),
  override_settings: z
    .looseObject({
      sd_model_checkpoint: optional(z.string()),
      CLIP_stop_at_last_layers: optional(GENERATE_OPTIONS.clipSkip.schema),
    })
    .nullish(),
});

/** The body of `POST /sdapi/v1/txt2img`. Programs send whatever AUTOMATIC1111 knows: other fields are ignored. */
export const textBody = (limits: ServerLimits) => z.looseObject(fields(limits)).meta({ id: 'Txt2Img' });

/** The body of `POST /sdapi/v1/img2img`. */
export const imageBody = (limits: ServerLimits) =>
  z
    .looseObject({
      ...fields(limits),
      init_images: z.array(z.string()).length(1, 'must hold one image').describe('Base64, or a data URL.'),
      mask: optional(z.string()).describe('White where the image is repainted.'),
      inpainting_mask_invert: optional(z.union([z.literal(0), z.literal(1), z.boolean()])),
      denoising_strength: optional(GENERATE_OPTIONS.strength.schema).default(0.75),
    })
    .meta({ id: 'Img2Img' });

/** What both bodies ask for. */
export type PaintingBody = z.output<ReturnType<typeof textBody>>;
