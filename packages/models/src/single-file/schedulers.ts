import type { JsonObject } from '../convert/component-kinds.js';

/** What a model is trained to predict. */
export type Prediction = 'epsilon' | 'v_prediction';

const betas = { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 1000 };

/** The scheduler that diffusers gives to Stable Diffusion 1. */
export const pndm = (prediction: Prediction): JsonObject => ({
  _class_name: 'PNDMScheduler',
  ...betas,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  clip_sample: false,
  prediction_type: prediction,
});

/** The scheduler that diffusers gives to Stable Diffusion 2. */
export const ddim = (prediction: Prediction): JsonObject => ({
  _class_name: 'DDIMScheduler',
  ...betas,
  set_alpha_to_one: false,
  steps_offset: 1,
  clip_sample: false,
  prediction_type: prediction,
});

/** The scheduler that diffusers gives to SDXL; models of velocity with a last step of pure noise say so in their keys. */
export const euler = (prediction: Prediction, zeroSignal: boolean): JsonObject => ({
  _class_name: 'EulerDiscreteScheduler',
  ...betas,
  interpolation_type: 'linear',
  timestep_spacing: zeroSignal ? 'trailing' : 'leading',
  steps_offset: 1,
  use_karras_sigmas: false,
  prediction_type: prediction,
  ...(zeroSignal ? { rescale_betas_zero_snr: true } : {}),
});

/** The scheduler that diffusers gives to Stable Diffusion 3. */
export const flow = (shift: number): JsonObject => ({
  _class_name: 'FlowMatchEulerDiscreteScheduler',
  num_train_timesteps: 1000,
  shift,
});

/** The scheduler that diffusers gives to Flux.1 dev, whose shift grows with the image. */
export const dynamicFlow: JsonObject = {
  ...flow(3),
  use_dynamic_shifting: true,
  base_shift: 0.5,
  max_shift: 1.15,
  base_image_seq_len: 256,
  max_image_seq_len: 4096,
};
