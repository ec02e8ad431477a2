import { samplerNames } from '@lascaux/diffusion';
import type { ModelFolder } from '@lascaux/models';
import { modelOfSource } from '@lascaux/models/source';
import type { ModelSource } from '@lascaux/nn';
import { schedulerConfigOf } from '../family/family-of.js';
import { defaultsOf } from '../generate/defaults.js';
import { sizeRulesOf } from '../generate/picture-size.js';
import type { GenerateDefaults } from '../options/generate-defaults.js';
import { samplerNameOf } from '../options/sampler-name.js';
import type { SizeRules } from '../options/size-rules.js';

/** What a model paints and may be asked for, before any of its weights is read. */
export interface SourceDescription {
  readonly model: ModelFolder;
  readonly defaults: GenerateDefaults & { readonly sampler: string };
  readonly sizes: SizeRules;
  readonly samplers: readonly string[];
}

/**
 * Looks at a model that lies in no file system.
 * @throws LascauxError naming the file that is missing or malformed
 */
export async function describeSource(source: ModelSource): Promise<SourceDescription> {
  const model = await modelOfSource(source);
  const defaults = defaultsOf(model);
  return {
    model,
    defaults: { ...defaults, sampler: defaults.sampler ?? samplerNameOf(schedulerConfigOf(model)) },
    sizes: sizeRulesOf(model),
    samplers: samplerNames,
  };
}
