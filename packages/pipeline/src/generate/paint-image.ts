import { randomStream } from '@lascaux/nn';
import { bytesToImage, imageToBytes, type ImageSize, type VaeDecoder } from '@lascaux/vae';
import type { Picture } from '../image/picture.js';
import type { LoadedModel } from './loaded-model.js';
import { checkFinite } from '../network/check-finite.js';
import type { GenerateCallbacks, GeneratedImage } from './pipeline-types.js';
import { keepUnmasked } from './keep-unmasked.js';
import type { PreparedCall } from './prepare-call.js';
import { latentMask } from './source-picture.js';
import { startFromNoise, startFromPicture, type ImageNoise, type StartingPoint } from './starting-point.js';

/** An image and the milliseconds it took. */
export interface PaintedImage {
  readonly image: GeneratedImage;
  readonly denoise: number;
  readonly decode: number;
}

/** Paints image `index` of a call from its own noise. */
export async function paintImage(
  loaded: LoadedModel,
  prepared: PreparedCall,
  { index, signal, onStep, noise = seededNoise }: GenerateCallbacks & { readonly index: number },
): Promise<PaintedImage> {
  const started = performance.now();
  const { options, scheduler, network } = prepared;
  const { count } = options;
  const seed = options.seed + index;
  const noiseSource = noise(seed);
  const { x, plan, constrain } = await startingPoint(loaded, prepared, noiseSource);
  const latent = await scheduler.sample(scheduler.denoiser(network), x, {
    plan,
    constrain,
    noiseSource,
    signal,
    onStep: async ({ step, steps, x: current, denoised }) => {
      checkFinite(current, `denoiser, step ${step} of ${steps}`);
      const preview = () => decodePicture(loaded.previewDecoder ?? loaded.vaeDecoder, denoised, prepared);
      await onStep?.({ image: index, count, step, steps, denoised, preview });
    },
  });
  const decodeStarted = performance.now();
  signal?.throwIfAborted();
  const picture = await decodePicture(loaded.vaeDecoder, latent, prepared);
  const ended = performance.now();
  return {
    image: { ...picture, seed },
    denoise: decodeStarted - started,
    decode: ended - decodeStarted,
  };
}

/** What a latent shows; under a mask, what is kept is the picture's own pixels. */
async function decodePicture(
  decoder: VaeDecoder,
  latent: Float32Array,
  { options: { width, height }, source }: PreparedCall,
): Promise<Picture> {
  const size: ImageSize = { width, height };
  const painted = { pixels: imageToBytes(await decoder.decode(latent, size), size), ...size };
  if (source?.mask === undefined) return painted;
  // Half a latent's cell: within it the decoder mixes what was kept with what was painted.
  return keepUnmasked(painted, source.image, { mask: source.mask, feather: decoder.config.spatialFactor / 2 });
}

/** What an image's seed says its noise is. */
function seededNoise(seed: number): ImageNoise {
  const stream = randomStream(seed);
  return (size) => stream.normal(size);
}

async function startingPoint(
  { vaeEncoder, model }: LoadedModel,
  { source, plan, latentSize, seesMask }: PreparedCall,
  noiseSource: ImageNoise,
): Promise<StartingPoint> {
  const start = { plan, latentSize, noiseSource };
  if (source === undefined) return startFromNoise(start);
  const { image, mask } = source;
  const encoder = await vaeEncoder();
  return startFromPicture(start, {
    source,
    encode: (draw) => encoder.encode(bytesToImage(image.pixels, image), { ...image, noiseSource: draw }),
    mask: mask && !seesMask ? latentMask(mask, model.vaeConfig.spatialFactor) : undefined,
  });
}
