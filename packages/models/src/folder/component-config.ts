import { z } from 'zod';

/** What generation needs from the denoiser's `config.json`; every other key is left to the graph. */
export const denoiserConfigSchema = z.looseObject({
  _class_name: z.string().optional(),
  in_channels: z.int().min(1).default(4),
  /** One entry a resolution; each but the last halves the latent. Absent in transformers. */
  down_block_types: z.array(z.string()).min(1).optional(),
  /** Side of a transformer's patches, in latent cells. */
  patch_size: z.int().min(1).nullish(),
  /** `text_time` in UNets that are told sizes (SDXL). */
  addition_embed_type: z.string().nullish(),
  /** Width of the guidance's embedding in consistency models (LCM). */
  time_cond_proj_dim: z.int().min(1).nullish(),
  /** Width of the text that a joint transformer takes (SD3). */
  joint_attention_dim: z.int().min(1).nullish(),
  /** Patches along a side for which a transformer knows positions (SD3). */
  pos_embed_max_size: z.int().min(1).nullish(),
  /** Whether a transformer is told the guidance (Flux). */
  guidance_embeds: z.boolean().nullish(),
  /** The norm by which a transformer saved by diffusers before 0.29 is told from others of its class. */
  norm_type: z.string().nullish(),
  /** What our own exports say: height and width of the latent must be multiples of `latent_multiple`, or are `latent_size`. */
  _lascaux: z
    .object({ latent_multiple: z.int().min(1).optional(), latent_size: z.int().min(1).optional() })
    .optional(),
  /** Side of the latent that the model was trained on, or [height, width]. */
  sample_size: z.union([z.int().min(1), z.tuple([z.int().min(1), z.int().min(1)])]).nullish(),
});

/** The denoiser's configuration. */
export type DenoiserConfig = z.infer<typeof denoiserConfigSchema>;
