import { guidedNetwork, schedulerFromConfig, type Network, type Scheduler } from '@lascaux/diffusion';
import { check, randomStream } from '@lascaux/nn';
import { bytesToImage, imageToBytes, type VaeEncoder } from '@lascaux/vae';
import { resolveOptions, type GenerateOptions, type ResolvedOptions, type SizeRules } from './generate-options.js';
import { disposeAll, loadParts } from './load-parts.js';
import { checkFinite } from './model/check-finite.js';
import { defaultsOf, type GenerateDefaults } from './model/defaults.js';
import { withExtraChannels } from './model/extra-channels.js';
import { resolveModel } from './model/find-model.js';
import { openModelFolder, type ModelFolder } from './model/model-folder.js';
import { sizeMultiple } from './model/picture-size.js';
import { samplerNameOf } from './model/sampler-name.js';
import type {
  GenerateCallbacks,
  GeneratedImage,
  GenerateResult,
  LoadOptions,
  PipelineParts,
} from './pipeline-types.js';
import { hideMasked, latentMask, resolveSource, type Source, type SourceOptions } from './source-picture.js';
import { startFromNoise, startFromPicture, type ImageNoise, type StartingPoint } from './starting-point.js';

/**
 * Text → image: joins text encoder, denoiser and autoencoder of a model folder in the Stable Diffusion layout.
 *
 * A seed belongs to an image: image k of a call with seed s is, byte for byte, the image of a call of its own with seed
 * s + k, because images are painted one after the other, each from its own noise stream.
 */
export class TextToImagePipeline {
  readonly model: ModelFolder;
  /** The settings that a call uses where it says nothing. */
  readonly defaults: GenerateDefaults;
  readonly sizes: SizeRules;
  readonly #parts: PipelineParts;
  #vaeEncoder: Promise<VaeEncoder> | undefined;

  constructor(model: ModelFolder, parts: PipelineParts) {
    this.model = model;
    this.defaults = defaultsOf(model);
    this.sizes = sizeRulesOf(model, parts);
    this.#parts = parts;
  }

  /**
   * Loads a model: a folder, a model of the hub (`owner/name` or `owner/name@revision`, downloaded into the cache that
   * Python uses where it is not there), or the bundled model when none is named.
   * @throws LascauxError naming the part that is missing or broken, or what keeps it from being downloaded.
   */
  static async fromPretrained(model?: string, options: LoadOptions = {}): Promise<TextToImagePipeline> {
    const folder = await resolveModel(model, { ...options.hub, signal: options.signal });
    return TextToImagePipeline.load(await openModelFolder(folder), options);
  }

  /**
   * Loads the stages of a model folder that is already open.
   * @throws LascauxError naming the file that is broken.
   */
  static async load(model: ModelFolder, options: LoadOptions = {}): Promise<TextToImagePipeline> {
    return new TextToImagePipeline(model, await loadParts(model, options));
  }

  /**
   * Paints images of a prompt, from noise or from a picture.
   * @throws LascauxError for an option that is out of range, or when the network returns values that are not numbers;
   *   the signal's reason when it is aborted.
   */
  async generate(options: GenerateOptions & SourceOptions & GenerateCallbacks): Promise<GenerateResult> {
    const { image } = options;
    const defaults = image ? { ...this.defaults, width: image.width, height: image.height } : this.defaults;
    const resolved = resolveOptions(options, defaults, this.sizes);
    const source = resolveSource(options, resolved);
    const scheduler = resolved.scheduler ?? samplerNameOf(this.model.schedulerConfig);
    const described = { ...resolved, scheduler, strength: source?.strength };
    const started = performance.now();
    const prepared = await this.#prepare(resolved, source);
    const encode = performance.now() - started;
    const images: GeneratedImage[] = [];
    const spent = { denoise: 0, decode: 0 };
    for (let index = 0; index < resolved.count; index++) {
      const painted = await this.#paint(prepared, { index, ...options });
      spent.denoise += painted.denoise;
      spent.decode += painted.decode;
      images.push(painted.image);
      await options.onImage?.(painted.image, described);
    }
    const timings = { encode, ...spent, total: performance.now() - started };
    return { images, timings, options: described, truncated: prepared.truncated };
  }

  /** Frees the sessions' memory; the pipeline must not be used afterwards. */
  async dispose(): Promise<void> {
    const { textEncoder, denoiser, vaeDecoder } = this.#parts;
    const vaeEncoder = await this.#vaeEncoder?.catch(() => undefined);
    await disposeAll([textEncoder, denoiser, vaeDecoder, ...(vaeEncoder ? [vaeEncoder] : [])]);
  }

  /** Everything that the images of one call share: scheduler, and the network bound to prompt, size and mask. */
  async #prepare(options: ResolvedOptions, source: Source | undefined): Promise<PreparedCall> {
    const { guidanceScale, width, height, scheduler: sampler } = options;
    const { latentChannels, spatialFactor } = this.model.vaeConfig;
    const scheduler = schedulerFromConfig(this.model.schedulerConfig, { sampler });
    const { embedding, truncated } = await this.#embed(options);
    const [h, w] = [height / spatialFactor, width / spatialFactor];
    const latentSize = latentChannels * h * w;
    const inpainting = await this.#inpaintingChannels(source);
    const inputShape = [latentChannels + (inpainting ? inpainting.length / (h * w) : 0), h, w] as const;
    const bound = this.#parts.denoiser.bind({ embedding, inputShape });
    const network = inpainting ? withExtraChannels(bound, inpainting, latentSize) : bound;
    const guided = isGuided(options) ? guidedNetwork(network, { guidanceScale }) : network;
    const seesMask = inpainting !== undefined;
    return { options, source, scheduler, network: guided, latentSize, truncated, seesMask };
  }

  /** [negative, positive] under guidance, [positive] without. */
  async #embed(options: ResolvedOptions) {
    const prompts = [...(isGuided(options) ? [options.negativePrompt] : []), options.prompt];
    const { lastHiddenState: embedding, truncated } = await this.#parts.textEncoder.encode(prompts);
    checkFinite(embedding.data as Float32Array, 'text encoder');
    const [positive = 0, negative = 0] = [...truncated].reverse();
    return { embedding, truncated: { prompt: positive, negativePrompt: negative } };
  }

  /** What an inpainting network sees besides the latent: mask [1, h, w], then the latent of the picture without the masked part. */
  async #inpaintingChannels(source: Source | undefined): Promise<Float32Array | undefined> {
    const { latentChannels, spatialFactor } = this.model.vaeConfig;
    const channels = this.#parts.denoiser.inputChannels ?? this.model.denoiserConfig.in_channels;
    if (channels === latentChannels) return undefined;
    const operation = this.model.name;
    check(channels === 2 * latentChannels + 1, {
      operation,
      rule: 'the denoiser takes an unknown input',
      value: `${channels} channels`,
    });
    check(source?.mask !== undefined, {
      operation,
      rule: 'this model repaints, so it needs a picture and a mask',
      kind: 'usage',
    });
    const { image, mask } = source;
    const encoder = await this.#encoder();
    const hidden = await encoder.encode(hideMasked(bytesToImage(image.pixels, image), mask), image);
    const cells = latentMask(mask, spatialFactor);
    const channelsOfMask = new Float32Array(cells.length + hidden.length);
    channelsOfMask.set(cells);
    channelsOfMask.set(hidden, cells.length);
    return channelsOfMask;
  }

  /** The autoencoder's first half, loaded once. */
  #encoder(): Promise<VaeEncoder> {
    const { loadVaeEncoder } = this.#parts;
    check(loadVaeEncoder !== undefined, {
      operation: this.model.name,
      rule: 'painting from a picture needs vae_encoder/, which this model lacks',
      kind: 'usage',
    });
    return (this.#vaeEncoder ??= loadVaeEncoder());
  }

  async #start(prepared: PreparedCall, noiseSource: ImageNoise): Promise<StartingPoint> {
    const { source, scheduler, latentSize, options, seesMask } = prepared;
    const start = { scheduler, steps: options.steps, latentSize, noiseSource };
    if (source === undefined) return startFromNoise(start);
    const { image, mask } = source;
    const encoder = await this.#encoder();
    return startFromPicture(start, {
      source,
      encode: (draw) => encoder.encode(bytesToImage(image.pixels, image), { ...image, noiseSource: draw }),
      mask: mask && !seesMask ? latentMask(mask, this.model.vaeConfig.spatialFactor) : undefined,
    });
  }

  async #paint(
    prepared: PreparedCall,
    { index, signal, onStep, noise = seededNoise }: GenerateCallbacks & { index: number },
  ): Promise<{ image: GeneratedImage; denoise: number; decode: number }> {
    const started = performance.now();
    const { options, scheduler, network } = prepared;
    const { width, height, count } = options;
    const seed = options.seed + index;
    const noiseSource = noise(seed);
    const { x, plan, constrain } = await this.#start(prepared, noiseSource);
    const latent = await scheduler.sample(scheduler.denoiser(network), x, {
      plan,
      constrain,
      noiseSource,
      signal,
      onStep: async ({ step, steps, x: current, denoised }) => {
        checkFinite(current, `denoiser, step ${step} of ${steps}`);
        await onStep?.({ image: index, count, step, steps, denoised });
      },
    });
    const decodeStarted = performance.now();
    signal?.throwIfAborted();
    const pixels = imageToBytes(await this.#parts.vaeDecoder.decode(latent, { width, height }), { width, height });
    const ended = performance.now();
    return {
      image: { pixels, width, height, seed },
      denoise: decodeStarted - started,
      decode: ended - decodeStarted,
    };
  }
}

interface PreparedCall {
  readonly options: ResolvedOptions;
  readonly source: Source | undefined;
  readonly scheduler: Scheduler;
  readonly network: Network<Float32Array>;
  /** Values of one latent. */
  readonly latentSize: number;
  readonly truncated: GenerateResult['truncated'];
  /** Whether the network was given the mask, so that the sampler need not hold x to the picture. */
  readonly seesMask: boolean;
}

/** What an image's seed says its noise is. */
function seededNoise(seed: number): ImageNoise {
  const stream = randomStream(seed);
  return (size) => stream.normal(size);
}

/** Guidance of 1 and below is off, as in diffusers; some distilled models are run at 0. */
const isGuided = ({ guidanceScale }: ResolvedOptions): boolean => guidanceScale > 1;

function sizeRulesOf(model: ModelFolder, { denoiser }: PipelineParts): SizeRules {
  const { spatialFactor } = model.vaeConfig;
  const { width, height } = denoiser.fixedSize;
  return {
    multiple: sizeMultiple(model),
    fixedWidth: width && width * spatialFactor,
    fixedHeight: height && height * spatialFactor,
  };
}
