/** Scheduler keys as an oracle file gives them. */
export type SchedulerKeys = Record<string, unknown>;

/** One section (f32 or f64) of a sampler case. */
export interface SamplerSection {
  init_noise_sigma: number | null;
  timesteps: number[];
  sigmas: number[] | null;
  initial_sample: number[];
  prev_samples: number[][];
  final_sample: number[];
  trace: { i: number; t: number; scaled_input: number[]; pred_original_sample?: number[]; denoised?: number[] }[];
  forward?: { add_noise?: number[]; scale_noise?: number[]; get_velocity?: number[] };
}

/** One case of a sampler_*.json file. */
export interface SamplerCase {
  id: string;
  scheduler: string;
  config_overrides: SchedulerKeys;
  config: SchedulerKeys;
  from_config?: SchedulerKeys;
  set_timesteps: {
    num_inference_steps?: number;
    timesteps?: number[];
    sigmas?: number[];
    mu?: number;
    strength?: number;
  };
  step_kwargs: Record<string, unknown>;
  begin_index: number | null;
  shape: number[];
  denoiser: string;
  learned_variance: boolean;
  initial_noise: number[];
  img2img_x0?: number[];
  step_noise: number[][];
  forward_inputs: { timesteps: number[]; shape: number[]; x0: number[]; noise: number[] };
  f32?: SamplerSection;
  f64?: SamplerSection;
}

/** A file of the common form: a list of cases. */
interface CaseFile<Case> {
  cases: Case[];
}

/**
 * The cases of a parsed file.
 * @throws TypeError when it has no list of cases.
 */
export function casesOf<Case>(json: unknown): Case[] {
  const cases = (json as Partial<CaseFile<Case>> | null)?.cases;
  if (!Array.isArray(cases)) throw new TypeError('oracle file: must be an object with a list "cases"');
  return cases;
}
