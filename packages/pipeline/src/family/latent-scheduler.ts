import type { SchedulerConfig } from './family.js';

/**
 * The scheduler's configuration as diffusers' StableDiffusionPipeline corrects it when it is made: x0 is not clipped,
 * since latents are not bounded, and leading timesteps begin at 1. Configurations from before 2023 lack both keys, and
 * other samplers' defaults for them are those of pixels.
 */
export function latentSchedulerConfig(config: SchedulerConfig): SchedulerConfig {
  return { ...config, clip_sample: false, steps_offset: 1 };
}
