import type { GenerateDefaults } from '../options/generate-defaults.js';
import type { GenerateOptions, ResolvedOptions } from '../options/generate-options.js';
import { resolveOptions } from '../options/resolve-options.js';
import type { SizeRules } from '../options/size-rules.js';
import type { CallExplanation } from './explain-call.js';
import { loadedModel, type LoadedModel } from './loaded-model.js';
import { defaultsOf } from './defaults.js';
import type { ModelFolder } from '@lascaux/models';
import { sizeRulesOf } from './picture-size.js';
import { schedulerConfigOf } from '../family/family-of.js';
import { samplerNameOf } from '../options/sampler-name.js';
import { paintImage } from './paint-image.js';
import type { GenerateCallbacks, GeneratedImage, GenerateResult, PipelineParts } from './pipeline-types.js';
import { prepareCall } from './prepare-call.js';
import { resolveSource, type Source } from './source-picture.js';

/**
 * Text → image with loaded stages, wherever they come from.
 *
 * A seed belongs to an image: image k of a call with seed s is, byte for byte, the image of a call of its own with seed
 * s + k, because images are painted one after the other, each from its own noise stream. Calls may overlap: they share the
 * sessions and nothing else.
 */
export class Painter {
  readonly model: ModelFolder;
  /** The settings that a call uses where it says nothing. */
  readonly defaults: GenerateDefaults;
  readonly sizes: SizeRules;
  readonly #loaded: LoadedModel;

  constructor(model: ModelFolder, parts: PipelineParts) {
    this.model = model;
    this.defaults = defaultsOf(model);
    this.sizes = loadedSizes(model, parts);
    this.#loaded = loadedModel(model, parts);
  }

  /**
   * Paints images of a prompt, from noise or from a picture.
   * @throws LascauxError for an option that is out of range, or when the network returns values that are not numbers;
   *   the signal's reason when it is aborted.
   */
  async generate(options: GenerateOptions & GenerateCallbacks): Promise<GenerateResult> {
    const { resolved, source } = this.#resolve(options);
    const described = this.#described(resolved);
    const started = performance.now();
    const hasNegative = options.negativePrompt !== undefined;
    const prepared = await prepareCall(this.#loaded, { options: resolved, hasNegative, source });
    const encode = performance.now() - started;
    const images: GeneratedImage[] = [];
    const spent = { denoise: 0, decode: 0 };
    for (let index = 0; index < resolved.count; index++) {
      const painted = await paintImage(this.#loaded, prepared, { index, ...options });
      spent.denoise += painted.denoise;
      spent.decode += painted.decode;
      images.push(painted.image);
      await options.onImage?.(painted.image, described);
    }
    const timings = { encode, ...spent, total: performance.now() - started };
    return { images, timings, options: described, truncated: prepared.truncated };
  }

  /**
   * The options of a call with every default filled in, without painting.
   * @throws LascauxError for an option that is out of range
   */
  resolve(options: GenerateOptions): ResolvedOptions {
    return this.#described(this.#resolve(options).resolved);
  }

  /** With the name of the sampler that the model's scheduler stands for, where none was named. */
  #described(resolved: ResolvedOptions): ResolvedOptions {
    return { ...resolved, sampler: resolved.sampler ?? samplerNameOf(schedulerConfigOf(this.model)) };
  }

  /**
   * What happens in such a call, without painting: its tokens, the noise schedule and where the sampler asks the network.
   * @throws LascauxError for an option that is out of range
   */
  async explain(options: GenerateOptions): Promise<CallExplanation> {
    const { resolved, source } = this.#resolve(options);
    const { explainCall } = await import('./explain-call.js');
    return explainCall(this.#loaded, { options: resolved, source });
  }

  #resolve(options: GenerateOptions): { resolved: ResolvedOptions; source: Source | undefined } {
    const { image, mask } = options;
    const defaults = image ? { ...this.defaults, width: image.width, height: image.height } : this.defaults;
    const resolved = resolveOptions(options, defaults, this.sizes);
    return { resolved, source: resolveSource({ ...resolved, image, mask }, this.#loaded.family.leadingSteps) };
  }

  /** Frees the sessions' memory; the pipeline must not be used afterwards. */
  async dispose(): Promise<void> {
    await this.#loaded.dispose();
  }
}

/** The sizes that the configuration allows, and that the graph takes. */
function loadedSizes(model: ModelFolder, { denoiser }: PipelineParts): SizeRules {
  const { spatialFactor } = model.vaeConfig;
  const rules = sizeRulesOf(model);
  const { width, height } = denoiser.fixedSize;
  return {
    ...rules,
    fixedWidth: width === undefined ? rules.fixedWidth : width * spatialFactor,
    fixedHeight: height === undefined ? rules.fixedHeight : height * spatialFactor,
  };
}
