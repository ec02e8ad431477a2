import { isSampler, samplerNames } from '@lascaux/diffusion';
import { LascauxError } from '@lascaux/nn';

/** What AUTOMATIC1111 calls samplers that have other names here; all of them are understood. */
const THEIR_NAMES: Readonly<Record<string, string>> = {
  'euler-ancestral': 'Euler a',
  euler: 'Euler',
  heun: 'Heun',
  'dpm++-2m': 'DPM++ 2M',
  'dpm++-3m': 'DPM++ 3M',
  'dpm++-2m-sde': 'DPM++ 2M SDE',
  ddim: 'DDIM',
  ddpm: 'DDPM',
  pndm: 'PLMS',
  unipc: 'UniPC',
  lcm: 'LCM',
};

const RESPACED = /-(karras|exponential|beta)$/;

/** The samplers as AUTOMATIC1111 lists them: how the sigmas are spaced is a choice of its own there. */
export const samplerList = samplerNames
  .filter((name) => !RESPACED.test(name))
  .map((name) => ({ name: THEIR_NAMES[name] ?? name, aliases: [name], options: {} }));

/** The spacings of sigmas. */
export const schedulerList = [
  { name: 'automatic', label: 'Automatic' },
  { name: 'karras', label: 'Karras' },
  { name: 'exponential', label: 'Exponential' },
  { name: 'beta', label: 'Beta' },
];

/**
 * The sampler that a name and a spacing mean; undefined for the model's own.
 * @throws LascauxError (usage) with the names that there are
 */
export function samplerOf(name: string | undefined, spacing = ''): string | undefined {
  if (name === undefined || name === '' || /^automatic$/i.test(name)) return undefined;
  const plain = /^(?:|automatic|normal|uniform|simple|none)$/i.test(spacing);
  const label = plain ? name : `${name} ${spacing}`;
  if (isSampler(label)) return label;
  throw new LascauxError({
    operation: 'sampler_name',
    rule: 'must be a known sampler, with a scheduler that it has',
    value: label,
    accepted: samplerList.map((sampler) => sampler.name),
    kind: 'usage',
  });
}
