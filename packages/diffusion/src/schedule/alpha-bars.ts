import { betas, type BetaScheduleName, cumulativeAlphas, zeroTerminalAlphas } from './betas.js';

/** A training schedule in the keys of scheduler_config.json. */
export interface AlphaBarConfig {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: BetaScheduleName;
  readonly trained_betas?: readonly number[] | null;
  readonly rescale_betas_zero_snr?: boolean;
}

/** ᾱ_t of a config, t = 0 … T − 1; exactly 0 at the end with zero terminal SNR. */
export function alphaBars(config: AlphaBarConfig): Float64Array {
  const values =
    config.trained_betas ??
    betas({
      schedule: config.beta_schedule,
      count: config.num_train_timesteps,
      start: config.beta_start,
      end: config.beta_end,
    });
  const cumulative = cumulativeAlphas(values);
  return config.rescale_betas_zero_snr ? zeroTerminalAlphas(cumulative) : cumulative;
}
