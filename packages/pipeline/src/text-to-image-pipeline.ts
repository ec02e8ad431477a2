import { guidedNetwork, schedulerFromConfig, type Network, type Scheduler } from '@lascaux/diffusion';
import { check, randomStream } from '@lascaux/nn';
import { loadTextEncoder, type TextEncoder } from '@lascaux/text-encoder';
import { imageToBytes, loadVaeDecoder, type VaeDecoder } from '@lascaux/vae';
import { resolveOptions, type GenerateOptions, type ResolvedOptions, type SizeRules } from './generate-options.js';
import type { Picture } from './image/picture.js';
import { findDamagedWeights } from './model/damaged-weights.js';
import { defaultsOf, type GenerateDefaults } from './model/defaults.js';
import { loadDenoiser, type DenoiserSession } from './model/denoiser-session.js';
import { findModel } from './model/find-model.js';
import { samplerNameOf } from './model/sampler-name.js';
import { openModelFolder, type ModelFolder } from './model/model-folder.js';

/** Options of {@link TextToImagePipeline.fromPretrained}. */
export interface LoadOptions {
  /** Execution provider of ONNX Runtime: `cpu` (default), `webgpu`, `cuda` … */
  readonly device?: string;
  /** Stops loading; what was loaded is released. */
  readonly signal?: AbortSignal;
}

/** The loaded stages that a pipeline joins. */
export interface PipelineParts {
  readonly textEncoder: TextEncoder;
  readonly denoiser: DenoiserSession;
  readonly vaeDecoder: VaeDecoder;
}

/** What the step callback sees. */
export interface GenerateProgress {
  /** Which image of the call, 0 … count − 1. */
  readonly image: number;
  readonly count: number;
  /** Steps of this image that are done, 1 … steps. */
  readonly step: number;
  readonly steps: number;
  /** Estimate of the finished latent [C, h, w]. */
  readonly denoised: Float32Array;
}

/** How a call reports and is stopped. */
export interface GenerateCallbacks {
  readonly signal?: AbortSignal;
  readonly onStep?: (progress: GenerateProgress) => void | Promise<void>;
  /** Called with each image as soon as it is there. */
  readonly onImage?: (image: GeneratedImage, options: ResolvedOptions) => void | Promise<void>;
}

/** A painted picture and the seed that alone repeats it. */
export interface GeneratedImage extends Picture {
  readonly seed: number;
}

/** Milliseconds spent in each stage of a call. */
export interface GenerateTimings {
  readonly encode: number;
  readonly denoise: number;
  readonly decode: number;
  readonly total: number;
}

/** What a call of `generate` gives. */
export interface GenerateResult {
  readonly images: GeneratedImage[];
  readonly timings: GenerateTimings;
  /** The options with every default filled in. */
  readonly options: ResolvedOptions;
  /** Tokens of the prompt and of the negative prompt that did not fit into the text encoder. */
  readonly truncated: { readonly prompt: number; readonly negativePrompt: number };
}

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

  constructor(model: ModelFolder, parts: PipelineParts) {
    this.model = model;
    this.defaults = defaultsOf(model);
    this.sizes = sizeRulesOf(model, parts.denoiser);
    this.#parts = parts;
  }

  /**
   * Loads a model: a folder, or the bundled model when none is named.
   * @throws LascauxError naming the part that is missing or broken.
   */
  static async fromPretrained(model?: string, options: LoadOptions = {}): Promise<TextToImagePipeline> {
    return TextToImagePipeline.load(await openModelFolder(findModel(model)), options);
  }

  /**
   * Loads the stages of a model folder that is already open.
   * @throws LascauxError naming the file that is broken.
   */
  static async load(model: ModelFolder, { device = 'cpu', signal }: LoadOptions = {}): Promise<TextToImagePipeline> {
    return new TextToImagePipeline(model, await loadParts(model, { device, signal }));
  }

  /**
   * Paints images of a prompt.
   * @throws LascauxError for an option that is out of range, or when the network returns values that are not numbers;
   *   the signal's reason when it is aborted.
   */
  async generate(options: GenerateOptions & GenerateCallbacks): Promise<GenerateResult> {
    const resolved = resolveOptions(options, this.defaults, this.sizes);
    const described = { ...resolved, scheduler: resolved.scheduler ?? samplerNameOf(this.model.schedulerConfig) };
    const started = performance.now();
    const prepared = await this.#prepare(resolved);
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
    await disposeAll(Object.values<Disposable>({ ...this.#parts }));
  }

  /** Everything that the images of one call share: the plan, and the network bound to prompt and size. */
  async #prepare(options: ResolvedOptions): Promise<PreparedCall> {
    const { guidanceScale, width, height, scheduler: sampler } = options;
    const { latentChannels, spatialFactor } = this.model.vaeConfig;
    const scheduler = schedulerFromConfig(this.model.schedulerConfig, { sampler });
    const { embedding, truncated } = await this.#embed(options);
    const latentShape = [latentChannels, height / spatialFactor, width / spatialFactor] as const;
    const bound = this.#parts.denoiser.bind({ embedding, latentShape });
    const network = isGuided(options) ? guidedNetwork(bound, { guidanceScale }) : bound;
    return { options, scheduler, network, latentSize: latentShape.reduce((a, b) => a * b), truncated };
  }

  /** [negative, positive] under guidance, [positive] without. */
  async #embed(options: ResolvedOptions) {
    const prompts = [...(isGuided(options) ? [options.negativePrompt] : []), options.prompt];
    const { lastHiddenState: embedding, truncated } = await this.#parts.textEncoder.encode(prompts);
    checkFinite(embedding.data as Float32Array, 'text encoder');
    const [positive = 0, negative = 0] = [...truncated].reverse();
    return { embedding, truncated: { prompt: positive, negativePrompt: negative } };
  }

  async #paint(
    { options, scheduler, network, latentSize }: PreparedCall,
    { index, signal, onStep }: GenerateCallbacks & { index: number },
  ): Promise<{ image: GeneratedImage; denoise: number; decode: number }> {
    const started = performance.now();
    const { width, height, count } = options;
    const seed = options.seed + index;
    const stream = randomStream(seed);
    const plan = scheduler.plan({ steps: options.steps });
    const x = stream.normal(latentSize).map((value) => value * plan.initialNoiseScale);
    const latent = await scheduler.sample(scheduler.denoiser(network), x, {
      plan,
      noiseSource: (size) => stream.normal(size),
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
  readonly scheduler: Scheduler;
  readonly network: Network<Float32Array>;
  /** Values of one latent. */
  readonly latentSize: number;
  readonly truncated: GenerateResult['truncated'];
}

/** Guidance of 1 and below is off, as in diffusers; some distilled models are run at 0. */
const isGuided = ({ guidanceScale }: ResolvedOptions): boolean => guidanceScale > 1;

interface Disposable {
  readonly dispose: () => Promise<void>;
}

function sizeRulesOf({ vaeConfig }: ModelFolder, { fixedSize }: DenoiserSession): SizeRules {
  const { spatialFactor } = vaeConfig;
  return {
    multiple: spatialFactor,
    fixedWidth: fixedSize.width && fixedSize.width * spatialFactor,
    fixedHeight: fixedSize.height && fixedSize.height * spatialFactor,
  };
}

/** Loads the three stages at the same time; when one fails or the signal stops it, the others are released. */
async function loadParts(
  { path, parts }: ModelFolder,
  { device, signal }: { device: string; signal?: AbortSignal },
): Promise<PipelineParts> {
  signal?.throwIfAborted();
  const loading = [
    loadTextEncoder(path, { sessionOptions: { device } }),
    loadDenoiser(parts.denoiser, device),
    loadVaeDecoder(parts.vaeDecoder, { device }),
  ] as const;
  try {
    const [textEncoder, denoiser, vaeDecoder] = await Promise.all(loading);
    signal?.throwIfAborted();
    return { textEncoder, denoiser, vaeDecoder };
  } catch (error) {
    const settled = await Promise.allSettled(loading);
    await disposeAll(settled.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : [])));
    throw (await findDamagedWeights([parts.textEncoder, parts.denoiser, parts.vaeDecoder])) ?? error;
  }
}

async function disposeAll(parts: readonly Disposable[]): Promise<void> {
  await Promise.all(parts.map((part) => part.dispose()));
}

/** @throws LascauxError when a value is NaN or infinite, which broken or overflowing weights cause. */
function checkFinite(values: Float32Array, part: string): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  check(index < 0, () => ({
    operation: part,
    rule: 'the result must consist of finite numbers; the weights may be damaged or overflow',
    value: values[index],
  }));
}
