import { LascauxError, check, jsonText, parseJson, quoteBareNumbers } from '@lascaux/nn';
import type { FloatArray, Plan } from '../types.js';
import { flowKeys } from './flow-keys.js';
import { checkPlanOptions } from './plan-options.js';
import type { SchedulerDefinition, SchedulerRoles } from './roles.js';
import { samplerChoice, schedulerDefinitions, type SamplerLabel } from './samplers.js';

/** The `_class_name`s of scheduler_config.json that can be read. */
export const schedulerClassNames: readonly string[] = schedulerDefinitions.map(({ className }) => className);

/** A scheduler config, resolved into the three roles. */
export interface Scheduler extends SchedulerRoles {
  readonly className: string;
  /** Every key of the class with its value, given or default. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Given keys that the class does not know; other classes may. */
  readonly ignoredKeys: readonly string[];
}

/** Changes to a scheduler config. */
export interface SchedulerOptions {
  /** Use this sampler in place of the config's own: a name as in `samplerNames`, or a class name. */
  readonly sampler?: SamplerLabel;
  /** Config keys that win over those of the file. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/**
 * Reads diffusers' `scheduler_config.json` (parsed) into a schedule, a denoiser wrapper and a sampler.
 * Absent keys get the defaults of the class that is used, not those of the class that wrote the file.
 * Why: docs/decisions/0020.
 * @throws LascauxError for a value of the wrong kind, and for an unknown class or sampler name, with the known ones.
 */
export function schedulerFromConfig(
  json: Readonly<Record<string, unknown>>,
  { sampler, overrides = {} }: SchedulerOptions = {},
): Scheduler {
  const choice = sampler === undefined ? undefined : samplerChoice(sampler);
  const definition = findDefinition(choice?.className ?? json._class_name);
  const merged = { ...json, ...choice?.overrides, ...flowKeys(json, definition), ...overrides };
  const { config, roles } = definition.build(merged);
  const ignoredKeys = Object.keys(merged).filter((key) => !key.startsWith('_') && !definition.keys.includes(key));
  return {
    ...roles,
    sample: async (denoiser, x, run) => finiteSamples(await roles.sample(denoiser, x, run), definition.className),
    plan: (options) => finitePlan(roles.plan(checkPlanOptions(definition.className, roles, options))),
    className: definition.className,
    config,
    ignoredKeys,
  };
}

/** Betas of 1 before the last leave no signal, and a sigma without end. @throws LascauxError when a step has one */
function finitePlan(plan: Plan): Plan {
  const levels = plan.steps.flatMap(({ at, from, to }) => [at ?? from, from, to]);
  const isFinite = levels.every(({ signal, sigma }) => Number.isFinite(signal) && Number.isFinite(sigma));
  check(isFinite && Number.isFinite(plan.initialNoiseScale), {
    operation: 'scheduler config',
    rule: 'the betas must leave some signal at each step: a noise level is not finite',
  });
  return plan;
}

/** Betas of 0 leave steps without noise, and some samplers divide by it. @throws LascauxError when a value is not finite */
function finiteSamples<A extends FloatArray>(samples: A, className: string): A {
  check(samples.every(Number.isFinite), {
    operation: `scheduler config of ${className}`,
    rule: 'the samples are not finite: each step must have some noise and some signal, and the network finite outputs',
  });
  return samples;
}

function findDefinition(className: unknown): SchedulerDefinition {
  const definition = schedulerDefinitions.find((candidate) => candidate.className === className);
  if (definition) return definition;
  const known = schedulerClassNames.join(', ');
  throw new LascauxError({
    operation: 'scheduler config',
    rule: `_class_name must be one of ${known}, got ${jsonText(className)}`,
  });
}

/**
 * Parses the text of a scheduler_config.json as Python writes it, where Infinity and NaN may stand bare.
 * @param name the file's path, for errors
 * @throws LascauxError when it is not JSON, or not an object.
 */
export function parseSchedulerConfig(text: string, name = 'scheduler config'): Record<string, unknown> {
  const value = parseJson(quoteBareNumbers(text), { name });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LascauxError({ operation: name, rule: 'must be a JSON object', value: text.slice(0, 40) });
  }
  return value as Record<string, unknown>;
}
