import { schedulerFromConfig } from '@lascaux/diffusion';
import { alphaBars, betasFromAlphas } from '@lascaux/diffusion/schedule';
import { type CaseResult, failure, WorstError } from './case-result.js';
import { casesOf, type SchedulerKeys } from './formats.js';

interface ScheduleCase {
  id: string;
  scheduler: string;
  config_overrides: SchedulerKeys;
  f32?: { betas: number[]; alphas_cumprod: number[] };
  f64_at: { index: number[]; betas: number[]; alphas_cumprod: number[] };
  max_abs_f32_vs_f64?: { betas: number; alphas_cumprod: number };
}

/** Runs a schedules_*.json file: β and ᾱ in doubles to 1e-12, and the 32-bit lists to their own rounding. */
export function runSchedules(json: unknown): CaseResult[] {
  return casesOf<ScheduleCase>(json).map((oracle) => {
    try {
      return runCase(oracle);
    } catch (cause) {
      return failure(oracle.id, cause);
    }
  });
}

function runCase(oracle: ScheduleCase): CaseResult {
  const { id, scheduler, config_overrides: overrides, f32, f64_at: f64, max_abs_f32_vs_f64: rounding } = oracle;
  const { config } = schedulerFromConfig({ _class_name: scheduler, ...overrides });
  const alphas = alphaBars(config as unknown as Parameters<typeof alphaBars>[0]);
  const betaValues = betasFromAlphas(alphas);
  // Euler holds the last ᾱ off zero; that is part of its plan, not of the schedule.
  if (overrides.rescale_betas_zero_snr && scheduler.startsWith('Euler')) alphas[alphas.length - 1] = 2 ** -24;
  const at = (values: Float64Array) => f64.index.map((i) => values[i]!);
  const worst = new WorstError(id, 1e-12);
  worst.compare('betas f64', { got: at(betaValues), expected: f64.betas });
  worst.compare('alphas f64', { got: at(alphas), expected: f64.alphas_cumprod });
  if (f32 && rounding) {
    const tolerance = (largest: number) => 1.01 * largest + 1e-9;
    worst.compare('betas f32', { got: betaValues, expected: f32.betas, tolerance: tolerance(rounding.betas) });
    const expected = f32.alphas_cumprod;
    worst.compare('alphas f32', { got: alphas, expected, tolerance: tolerance(rounding.alphas_cumprod) });
  }
  return worst.result();
}
