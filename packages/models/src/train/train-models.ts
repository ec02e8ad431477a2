import type { NamedStages } from './denoiser-plan.js';
import { planDenoiser } from './plan-denoiser.js';
import { planTextEncoder } from './plan-text-encoder.js';
import { planVae } from './plan-vae.js';
import type { PartOptions } from './train-options.js';
import { trainPart } from './train-part.js';
import type { TrainedPart, TrainingCall } from './training-call.js';

/** Options of {@link trainVae}; those of the network in the words of its config. */
export interface VaeTraining extends TrainingCall, PartOptions<'vae'> {
  /** Folder of a model or a finished run whose VAE's weights are the first ones. Default: they are drawn. */
  readonly initial?: string;
}

/** Options of {@link trainTextEncoder}. */
export interface TextEncoderTraining extends TrainingCall, PartOptions<'text-encoder'> {}

/** Options of {@link trainDenoiser}. */
export interface DenoiserTraining extends TrainingCall, PartOptions<'denoiser'>, NamedStages {}

/**
 * Trains an autoencoder on images and writes `vae_encoder/` and `vae_decoder/` to the run's `model/`.
 * @throws {LascauxError} for anything the caller can mend, and when a loss is not finite; the signal's reason when it is aborted before the first step
 */
export const trainVae = (call: VaeTraining): Promise<TrainedPart> =>
  trainPart({ part: 'vae', call, others: ['initial'] }, (request) => planVae(request, call.initial));

/**
 * Learns a tokenizer from the captions of images, trains a CLIP on both, and writes `text_encoder/`, `tokenizer/` and `image_encoder/`.
 * @throws {LascauxError} as {@link trainVae}
 */
export const trainTextEncoder = (call: TextEncoderTraining): Promise<TrainedPart> =>
  trainPart({ part: 'text-encoder', call }, planTextEncoder);

/**
 * Trains the network that makes latents of noise under captions, between a finished VAE and a finished text encoder, and writes the complete model.
 * @throws {LascauxError} as {@link trainVae}
 */
export const trainDenoiser = (call: DenoiserTraining): Promise<TrainedPart> =>
  trainPart({ part: 'denoiser', call, others: ['vae', 'textEncoder', 'initial'] }, (request) =>
    planDenoiser(request, call),
  );
