import { check } from '@lascaux/nn';
import type { VaeConfig } from './config.js';
import type { VaeHalf } from './decoder.js';
import type { ImageSize } from './pixels.js';
import { posteriorFromParameters, samplePosterior, type Posterior } from './posterior.js';
import { scaleLatent } from './scaling.js';
import { feedTensor, findValue, runForFloats, type GraphSession } from './session-values.js';

/** Options of encoding one image. */
export interface EncodeOptions extends ImageSize {
  /** Gives the noise of the sample, drawn once; without it the posterior's mean is taken. */
  readonly noiseSource?: (size: number) => ArrayLike<number>;
}

/** The half of the autoencoder that turns images into latents. */
export interface VaeEncoder {
  readonly config: VaeConfig;
  /** Whether the graph draws its sample itself, as the oldest exports do: then no seed governs it and there is no posterior. */
  readonly samplesInside: boolean;
  /** Image [3, height, width] in [−1, 1] → scaled latent [C, h, w]. */
  readonly encode: (image: Float32Array, options: EncodeOptions) => Promise<Float32Array>;
  /** Image [3, height, width] in [−1, 1] → posterior over raw latents. Throws when the graph samples inside or is deterministic. */
  readonly posterior: (image: Float32Array, size: ImageSize) => Promise<Posterior>;
  readonly dispose: () => Promise<void>;
}

/**
 * The encoder of an open graph, which it owns from then on.
 * @throws LascauxError when the graph's inputs or outputs are not an encoder's.
 */
export function vaeEncoderFromSession(session: GraphSession, { config, name: folder }: VaeHalf): VaeEncoder {
  const input = findValue(session.inputMetadata, ['sample', 'image'], folder);
  const output = findValue(session.outputMetadata, ['latent_parameters', 'latent_sample'], folder);
  const givesLatent = output.name === 'latent_sample';
  const samplesInside = givesLatent && config.isDeterministic !== true;

  function run(image: Float32Array, { width, height }: ImageSize): Promise<Float32Array> {
    const feeds = { [input.name]: feedTensor(input, image, [1, 3, height, width]) };
    return runForFloats(session, { feeds, output: output.name, part: folder });
  }

  async function posterior(image: Float32Array, size: ImageSize): Promise<Posterior> {
    check(!givesLatent, {
      operation: folder,
      rule: samplesInside
        ? 'this export samples inside its graph and has no posterior'
        : `${config.className ?? 'this autoencoder'} encodes to one latent and has no posterior`,
    });
    return posteriorFromParameters(await run(image, size));
  }

  async function encode(image: Float32Array, { noiseSource, ...size }: EncodeOptions): Promise<Float32Array> {
    const { latentChannels, scaling } = config;
    if (givesLatent) return scaleLatent(await run(image, size), latentChannels, scaling);
    const distribution = await posterior(image, size);
    const raw = noiseSource ? samplePosterior(distribution, noiseSource(distribution.mean.length)) : distribution.mean;
    return scaleLatent(raw, latentChannels, scaling);
  }

  return { config, samplesInside, encode, posterior, dispose: () => session.release() };
}
