import { LascauxError } from '@lascaux/nn';
import { linspace } from '../numbers.js';
import type { Plan } from '../types.js';
import { checkSteps, dropLeading } from './checks.js';
import { shiftSigma, shiftSigmaByMu, stretchToTerminal, type TimeShift } from './flow.js';
import { flowLevel } from './levels.js';
import { sigmaSpacing, type SigmaSpacingConfig } from './sigmas.js';

/** A run along straight lines from noise to picture. */
export interface FlowPlanOptions {
  /** Timesteps are σ · total. */
  readonly total: number;
  readonly shift: number;
  /** Shift by mu in place of `shift`. */
  readonly dynamic?: TimeShift;
  readonly terminal?: number | null;
  readonly respacing: SigmaSpacingConfig;
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  readonly sigmas?: readonly number[];
  readonly mu?: number;
  readonly begin?: number;
}

/** Plan of flow-match Euler. */
export function flowPlan(options: FlowPlanOptions): Plan {
  const { total, begin = 0 } = options;
  const sigmas = flowSigmas(options);
  const levels = sigmas.map((sigma) => flowLevel(sigma * total, sigma));
  const last = flowLevel(0, 0);
  const steps = levels.map((from, i) => ({ from, to: levels[i + 1] ?? last }));
  return { steps: dropLeading(steps, begin), initialNoiseScale: 1, begin };
}

function flowSigmas(options: FlowPlanOptions): number[] {
  const { shift, dynamic, mu, terminal, respacing } = options;
  if (dynamic && mu === undefined) {
    throw new LascauxError({
      operation: 'plan',
      rule: 'mu must be given when the scheduler shifts by image size (use_dynamic_shifting), got undefined',
    });
  }
  const shifted = unshiftedSigmas(options).map((sigma) =>
    dynamic ? shiftSigmaByMu(sigma, mu!, dynamic) : shiftSigma(sigma, shift),
  );
  const stretched = terminal ? stretchToTerminal(shifted, terminal) : shifted;
  const space = sigmaSpacing(respacing);
  return space ? space({ maximum: stretched[0]!, minimum: stretched.at(-1)!, count: stretched.length }) : stretched;
}

function unshiftedSigmas({ total, shift, dynamic, steps, timesteps, sigmas }: FlowPlanOptions): readonly number[] {
  if (sigmas) return sigmas;
  if (timesteps) return timesteps.map((t) => t / total);
  // The ends are shifted here already, so with a fixed shift they are shifted twice, as in diffusers.
  const end = (sigma: number) => (dynamic ? sigma : shiftSigma(sigma, shift)) * total;
  return linspace(end(1), end(1 / total), checkSteps(steps, total)).map((t) => t / total);
}
