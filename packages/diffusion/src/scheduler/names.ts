import { LascauxError } from '@lascaux/nn';
/** A name of a sampler: a scheduler class and the config keys that make the variant. */
export interface SamplerChoice {
  readonly className: string;
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** One sampler and its names. */
interface NamedSampler extends SamplerChoice {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The sigmas can be spaced anew: `NAME-karras`, `NAME-exponential` and `NAME-beta` are names too. */
  readonly respaces?: true;
}

const dpm = 'DPMSolverMultistepScheduler';
const plus = { algorithm_type: 'dpmsolver++', solver_type: 'midpoint' };
const sde = { algorithm_type: 'sde-dpmsolver++', solver_type: 'midpoint' };

const samplers = [
  { name: 'ddpm', className: 'DDPMScheduler', aliases: [], overrides: {} },
  { name: 'ddim', className: 'DDIMScheduler', aliases: [], overrides: {} },
  { name: 'pndm', className: 'PNDMScheduler', aliases: ['plms'], overrides: {} },
  { name: 'euler', className: 'EulerDiscreteScheduler', aliases: [], overrides: {}, respaces: true },
  { name: 'euler-ancestral', className: 'EulerAncestralDiscreteScheduler', aliases: ['euler-a'], overrides: {} },
  { name: 'heun', className: 'HeunDiscreteScheduler', aliases: [], overrides: {}, respaces: true },
  {
    name: 'dpm++-2m',
    className: dpm,
    aliases: ['dpm++', 'dpmpp-2m', 'dpmsolver++'],
    overrides: { ...plus, solver_order: 2 },
    respaces: true,
  },
  { name: 'dpm++-3m', className: dpm, aliases: ['dpmpp-3m'], overrides: { ...plus, solver_order: 3 }, respaces: true },
  {
    name: 'dpm++-2m-sde',
    className: dpm,
    aliases: ['dpmpp-2m-sde'],
    overrides: { ...sde, solver_order: 2 },
    respaces: true,
  },
  { name: 'unipc', className: 'UniPCMultistepScheduler', aliases: ['uni-pc'], overrides: {}, respaces: true },
  { name: 'lcm', className: 'LCMScheduler', aliases: [], overrides: {} },
  {
    name: 'flow-euler',
    className: 'FlowMatchEulerDiscreteScheduler',
    aliases: ['flow-match-euler', 'flow'],
    overrides: {},
  },
] as const satisfies readonly NamedSampler[];

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

/** The names of samplers: each sampler, and with the three spacings of sigmas where it has them. */
export const samplerNames = (samplers as readonly NamedSampler[]).flatMap(({ name, respaces }) =>
  respaces ? [name, ...respacings.map(([suffix]) => name + suffix)] : [name],
) as readonly SamplerName[];

/**
 * The scheduler class and config keys of a name: one of {@link samplerNames}, an alias ("Euler a", "DPM++ 2M Karras"), or a class name.
 * Case, spaces and underscores do not matter.
 * @throws LascauxError with the list of names.
 */
export function samplerChoice(name: SamplerLabel): SamplerChoice {
  const wanted = name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  const known: readonly NamedSampler[] = samplers;
  const byClass = known.find(({ className }) => className.toLowerCase() === wanted);
  if (byClass) return { className: byClass.className, overrides: {} };

  const respacing = respacings.find(([suffix]) => wanted.endsWith(suffix));
  const base = respacing ? wanted.slice(0, -respacing[0].length) : wanted;
  const match = known.find((sampler) => sampler.name === base || sampler.aliases.includes(base));
  if (!match || (respacing && !match.respaces)) {
    throw new LascauxError({ operation: 'scheduler', rule: `must be one of ${samplerNames.join(', ')}`, value: name });
  }
  const spacing = respacing ? { ...noRespacing, [respacing[1]]: true } : {};
  return { className: match.className, overrides: { ...match.overrides, ...spacing } };
}
