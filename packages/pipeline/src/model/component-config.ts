import { z } from 'zod';

/** What generation needs from the denoiser's `config.json`; every other key is left to the graph. */
export const denoiserConfigSchema = z.looseObject({
  _class_name: z.string().optional(),
  in_channels: z.int().min(1).default(4),
  /** Side of the latent that the model was trained on, or [height, width]. */
  sample_size: z.union([z.int().min(1), z.tuple([z.int().min(1), z.int().min(1)])]).nullish(),
});

/** The denoiser's configuration. */
export type DenoiserConfig = z.infer<typeof denoiserConfigSchema>;
