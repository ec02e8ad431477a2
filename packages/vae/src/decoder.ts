import { check } from '@lascaux/nn';
import type { VaeConfig } from './config.js';
import type { ImageSize } from './pixels.js';
import { unscaleLatent } from './scaling.js';
import { feedTensor, findValue, runForFloats, type GraphSession } from './session-values.js';

/** The half of the autoencoder that turns latents into images. */
export interface VaeDecoder {
  readonly config: VaeConfig;
  /**
   * Scaled latent [C, h, w] of one image → image [3, height, width], about [−1, 1], not clamped; `size` is the image's, in pixels.
   * Images are decoded one by one: half-precision exports give wrong results for larger batches.
   */
  readonly decode: (latent: Float32Array, size: ImageSize) => Promise<Float32Array>;
  readonly dispose: () => Promise<void>;
}

/** What one half of the autoencoder is made of. */
export interface VaeHalf {
  readonly config: VaeConfig;
  /** What errors call it. */
  readonly name: string;
}

/**
 * The decoder of an open graph, which it owns from then on.
 * @throws LascauxError when the graph's inputs or outputs are not a decoder's.
 */
export function vaeDecoderFromSession(session: GraphSession, { config, name: folder }: VaeHalf): VaeDecoder {
  const input = findValue(session.inputMetadata, ['latent_sample', 'latent', 'z'], folder);
  const output = findValue(session.outputMetadata, ['sample', 'image'], folder);

  async function decode(latent: Float32Array, { width, height }: ImageSize): Promise<Float32Array> {
    const { latentChannels, spatialFactor, scaling } = config;
    const dims = [1, latentChannels, height / spatialFactor, width / spatialFactor];
    const raw = unscaleLatent(latent, latentChannels, scaling);
    const feeds = { [input.name]: feedTensor(input, raw, dims) };
    const image = await runForFloats(session, { feeds, output: output.name, part: folder });
    check(image.length === 3 * width * height, {
      operation: folder,
      rule: `the decoder must return ${3 * width * height} values for a picture of ${width}x${height}`,
      value: image.length,
    });
    return image;
  }

  return { config, decode, dispose: () => session.release() };
}
