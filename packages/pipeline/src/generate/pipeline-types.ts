import type { LoraChoice } from '@lascaux/models/lora';
import type { VaeDecoder, VaeEncoder } from '@lascaux/vae';
import type { TextEncoders } from '../family/family.js';
import type { ResolvedOptions } from '../options/generate-options.js';
import type { PullOptions } from '@lascaux/models/hub';
import type { Picture } from '../image/picture.js';
import type { DenoiserSession } from '../network/denoiser-session.js';
import type { ImageNoise } from './starting-point.js';

/** Options of loading a pipeline. */
export interface LoadOptions {
  /** Execution provider of ONNX Runtime: `cpu` (default), `webgpu`, `cuda` … */
  readonly device?: string;
  /** Stops loading; what was loaded is released. */
  readonly signal?: AbortSignal;
  /**
   * Folder of an autoencoder that takes the place of the model's own, or one of the hub (`owner/name`, pulled and converted once): of the
   * same latents, such as taesd.
   */
  readonly vae?: string;
  /** The same for previews alone; default: the one that paints. */
  readonly previewVae?: string;
  /** LoRAs that are added to the weights as they are loaded. */
  readonly loras?: readonly LoraChoice[];
  /** How a model that is named by its id on the hub is found or downloaded. */
  readonly hub?: Omit<PullOptions, 'out' | 'signal'>;
}

/** The loaded stages that a pipeline joins; the pipeline owns them from then on. */
export interface PipelineParts {
  readonly textEncoders: TextEncoders;
  readonly denoiser: DenoiserSession;
  readonly vaeDecoder: VaeDecoder;
  /** Decodes previews; default: `vaeDecoder`. */
  readonly previewDecoder?: VaeDecoder;
  /** Loads the encoder when a picture is painted from for the first time; undefined where the model has none. */
  readonly loadVaeEncoder?: () => Promise<VaeEncoder>;
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
  /**
   * The picture that this estimate shows, decoded when it is asked for; while the callback runs, since the latent is written over later. It
   * takes as long as decoding the finished picture, or as a tiny autoencoder takes that was loaded as `previewVae`.
   */
  readonly preview: () => Promise<Picture>;
}

/** How a call reports and is stopped. */
export interface GenerateCallbacks {
  /**
   * The noise of the image with this seed, for latents that come from elsewhere. Draws follow each other: the starting
   * noise [C, h, w], of unit deviation; from a picture, that of its posterior (not under a mask, where its mean is taken); what the sampler adds, step by step.
   * Default: a stream that depends on the seed alone.
   */
  readonly noise?: (seed: number) => ImageNoise;
  readonly signal?: AbortSignal;
  readonly onStep?: (progress: GenerateProgress) => void | Promise<void>;
  /** Called with each image as soon as it is there, and the options with every default filled in. */
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
