import type { Scheduler } from '@lascaux/diffusion';
import { muForTokens } from '@lascaux/diffusion/schedule';

/** How far the schedule is shifted for so many tokens, where the scheduler shifts by image size; else nothing. */
export function shiftForTokens({ config }: Scheduler, tokens: number): { readonly mu?: number } {
  if (config.use_dynamic_shifting !== true) return {};
  const number = (key: string): number | undefined => (typeof config[key] === 'number' ? config[key] : undefined);
  const mu = muForTokens(tokens, {
    baseTokens: number('base_image_seq_len'),
    maximumTokens: number('max_image_seq_len'),
    baseShift: number('base_shift'),
    maximumShift: number('max_shift'),
  });
  return { mu };
}

/** Leading steps that painting from a picture leaves out, as the flow-matching pipelines of diffusers count: ⌊n − min(n · s, n)⌋. */
export const leadingFlowSteps = (steps: number, strength: number): number =>
  Math.floor(steps - Math.min(steps * strength, steps));
