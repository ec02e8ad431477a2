import { LascauxError } from '@lascaux/nn';
import { ddimScheduler } from './ddim.js';
import { ddpmScheduler } from './ddpm.js';
import { dpmSolverScheduler as dpm } from './dpm-solver.js';
import { eulerAncestralScheduler, eulerScheduler } from './euler.js';
import { flowMatchEulerScheduler } from './flow-match-euler.js';
import { heunScheduler } from './heun.js';
import { lcmScheduler } from './lcm.js';
import { pndmScheduler } from './pndm.js';
import type { SchedulerDefinition } from './roles.js';
import { uniPcScheduler } from './unipc.js';

/** A sampler by name: a scheduler class of diffusers and the config keys that make the variant. */
export interface SamplerChoice {
  readonly className: string;
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** One sampler and its names. */
interface NamedSampler {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The class whose config describes it. */
  readonly scheduler: SchedulerDefinition;
  /** Config keys that make it of its class. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** The sigmas can be spaced anew: `NAME-karras`, `NAME-exponential` and `NAME-beta` are names too. */
  readonly respaces?: true;
}

const plus = { algorithm_type: 'dpmsolver++', solver_type: 'midpoint' };
const sde = { algorithm_type: 'sde-dpmsolver++', solver_type: 'midpoint' };

/**
 * Every sampler. A new one is a row here and a file of this folder for its class, unless it is a variant of a class that is there;
 * classes that can be read, names, messages and the help of the command line follow from the rows.
 * Why: docs/decisions/0152.
 */
const samplers = [
  { name: 'ddpm', scheduler: ddpmScheduler, aliases: [], overrides: {} },
  { name: 'ddim', scheduler: ddimScheduler, aliases: [], overrides: {} },
  { name: 'pndm', scheduler: pndmScheduler, aliases: ['plms'], overrides: {} },
  { name: 'euler', scheduler: eulerScheduler, aliases: [], overrides: {}, respaces: true },
  { name: 'euler-ancestral', scheduler: eulerAncestralScheduler, aliases: ['euler-a'], overrides: {} },
  { name: 'heun', scheduler: heunScheduler, aliases: [], overrides: {}, respaces: true },
  {
    name: 'dpm++-2m',
    scheduler: dpm,
    aliases: ['dpm++', 'dpmpp-2m', 'dpmsolver++'],
    overrides: { ...plus, solver_order: 2 },
    respaces: true,
  },
  { name: 'dpm++-3m', scheduler: dpm, aliases: ['dpmpp-3m'], overrides: { ...plus, solver_order: 3 }, respaces: true },
  {
    name: 'dpm++-2m-sde',
    scheduler: dpm,
    aliases: ['dpmpp-2m-sde'],
    overrides: { ...sde, solver_order: 2 },
    respaces: true,
  },
  { name: 'unipc', scheduler: uniPcScheduler, aliases: ['uni-pc'], overrides: {}, respaces: true },
  { name: 'lcm', scheduler: lcmScheduler, aliases: [], overrides: {} },
  {
    name: 'flow-euler',
    scheduler: flowMatchEulerScheduler,
    aliases: ['flow-match-euler', 'flow'],
    overrides: {},
  },
] as const satisfies readonly NamedSampler[];

const rows: readonly NamedSampler[] = samplers;

/** The classes of `scheduler_config.json` that can be read. */
export const schedulerDefinitions: readonly SchedulerDefinition[] = [
  ...new Set(rows.map(({ scheduler }) => scheduler)),
];

type NamesOf<Sampler> = Sampler extends { readonly name: infer Name extends string }
  ? Sampler extends { readonly respaces: true }
    ? Name | `${Name}-${'karras' | 'exponential' | 'beta'}`
    : Name
  : never;

/** A name of {@link samplerNames}. */
export type SamplerName = NamesOf<(typeof samplers)[number]>;

/** What {@link samplerChoice} takes: a name of the list, which editors complete, an alias or a class name. */
export type SamplerLabel = SamplerName | (string & {});

const respacings: readonly (readonly [suffix: string, key: string])[] = [
  ['-karras', 'use_karras_sigmas'],
  ['-exponential', 'use_exponential_sigmas'],
  ['-beta', 'use_beta_sigmas'],
];
const noRespacing = Object.fromEntries(respacings.map(([, key]) => [key, false]));

/** The names of samplers: each, and with the three spacings of sigmas where it has them. */
export const samplerNames = rows.flatMap(({ name, respaces }) =>
  respaces ? [name, ...respacings.map(([suffix]) => name + suffix)] : [name],
) as readonly SamplerName[];

/**
 * The scheduler class and config keys of a name: one of {@link samplerNames}, an alias ("Euler a", "DPM++ 2M Karras"), or a class name.
 * Case, spaces and underscores do not matter.
 * @throws LascauxError with the list of names.
 */
export function samplerChoice(name: SamplerLabel): SamplerChoice {
  const choice = findSampler(name);
  if (choice !== undefined) return choice;
  throw new LascauxError({ operation: 'scheduler', rule: `must be one of ${samplerNames.join(', ')}`, value: name });
}

/** Whether {@link samplerChoice} knows a name. */
export const isSampler = (name: string): name is SamplerLabel => findSampler(name) !== undefined;

function findSampler(name: SamplerLabel): SamplerChoice | undefined {
  const wanted = name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  const byClass = schedulerDefinitions.find(({ className }) => className.toLowerCase() === wanted);
  if (byClass) return { className: byClass.className, overrides: {} };

  const respacing = respacings.find(([suffix]) => wanted.endsWith(suffix));
  const base = respacing ? wanted.slice(0, -respacing[0].length) : wanted;
  const match = rows.find((sampler) => sampler.name === base || sampler.aliases.includes(base));
  if (!match || (respacing && !match.respaces)) return undefined;
  const spacing = respacing ? { ...noRespacing, [respacing[1]]: true } : {};
  return { className: match.scheduler.className, overrides: { ...match.overrides, ...spacing } };
}
