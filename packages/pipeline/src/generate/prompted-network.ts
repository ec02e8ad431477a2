import type { Network } from '@lascaux/diffusion';
import type { ModelFolder } from '@lascaux/models';
import type { Disposable } from '@lascaux/nn';
import { resolveOptions } from '../options/resolve-options.js';
import type { PictureSize } from '../options/value-types.js';
import { defaultsOf } from './defaults.js';
import { loadParts, type PartOptions } from './load-parts.js';
import { loadedModel } from './loaded-model.js';
import { prepareCall } from './prepare-call.js';

/** A model's denoising network, ready to be bound to prompts. */
export interface PromptedNetwork extends Disposable {
  /** The network under a prompt, without guidance: latents [C, h, w] in, the same out. */
  readonly under: (prompt: string, size: PictureSize) => Promise<Network<Float32Array>>;
}

/**
 * Loads the stages of a model folder for what is neither painting nor training, such as a bound of a likelihood.
 * @throws LascauxError naming the file that is broken; the signal's reason when it is aborted
 */
export async function openPromptedNetwork(
  model: ModelFolder,
  options: Pick<PartOptions, 'device' | 'signal'> = {},
): Promise<PromptedNetwork> {
  const loaded = loadedModel(model, await loadParts(model, options));
  const rules = { multiple: model.vaeConfig.spatialFactor };
  return {
    under: async (prompt, size) => {
      const resolved = resolveOptions({ prompt, guidanceScale: 1, ...size }, defaultsOf(model), rules);
      const { network } = await prepareCall(loaded, { options: resolved, hasNegative: false, source: undefined });
      return network;
    },
    dispose: () => loaded.dispose(),
  };
}
