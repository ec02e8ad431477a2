/** A name for `--scheduler`: a scheduler class and the config keys that make the variant. */
export interface SamplerChoice {
  readonly className: string;
  readonly overrides: Readonly<Record<string, unknown>>;
}

interface NamedSampler extends SamplerChoice {
  readonly name: string;
  readonly aliases: readonly string[];
}

const named = (name: string, className: string, overrides: Record<string, unknown> = {}, aliases: string[] = []) =>
  ({ name, className, overrides, aliases }) satisfies NamedSampler;

const samplers: readonly NamedSampler[] = [named('ddpm', 'DDPMScheduler'), named('ddim', 'DDIMScheduler')];

/** The names that `--scheduler` takes. */
export const samplerNames: readonly string[] = samplers.map(({ name }) => name);

/**
 * The scheduler class and config keys of a name: one of {@link samplerNames}, an alias ("Euler a", "DPM++ 2M Karras"), or a class name.
 * Case, spaces and underscores do not matter.
 * @throws RangeError with the list of names.
 */
export function samplerChoice(name: string): SamplerChoice {
  const wanted = name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  const match = samplers.find(
    (sampler) =>
      sampler.name === wanted || sampler.aliases.includes(wanted) || sampler.className.toLowerCase() === wanted,
  );
  if (!match) throw new RangeError(`scheduler: must be one of ${samplerNames.join(', ')}, got ${JSON.stringify(name)}`);
  return { className: match.className, overrides: match.overrides };
}
