import { LascauxError } from '@lascaux/nn';
import { beginForStrength } from '../schedule/checks.js';
import type { PlanOptions, SchedulerRoles } from './roles.js';

/**
 * Checks what a plan is asked for, and turns `strength` into leading steps to drop.
 * @throws LascauxError unless exactly one of steps, timesteps and sigmas is given (or steps with a list of that length), and sigmas only where they mean something.
 */
export function checkPlanOptions(
  className: string,
  { takesSigmas = false, takesStrength = false }: SchedulerRoles,
  options: PlanOptions,
): PlanOptions {
  const { steps, timesteps, sigmas, strength, begin } = options;
  const list = timesteps ?? sigmas;
  if (
    (timesteps && sigmas) ||
    (!list && steps === undefined) ||
    (list && steps !== undefined && steps !== list.length)
  ) {
    const got = Object.entries({ steps, timesteps, sigmas }).filter(([, value]) => value !== undefined);
    const names = got.length === 0 ? 'none' : got.map(([key]) => key).join(' and ');
    throw new LascauxError({
      operation: 'plan',
      rule: `exactly one of steps, timesteps, sigmas must be given, got ${names}`,
    });
  }
  if (sigmas && !takesSigmas)
    throw new LascauxError({ operation: 'plan', rule: `${className} takes steps or timesteps, got sigmas` });
  if (strength === undefined || takesStrength) return options;
  if (begin !== undefined)
    throw new LascauxError({ operation: 'plan', rule: 'at most one of begin and strength must be given, got both' });
  const count = list?.length ?? steps!;
  return { ...options, begin: beginForStrength(count, strength) };
}
