import { join } from 'node:path';
import { toPixels, type ImageSet } from '@lascaux/data';
import { meanSquaredError } from '../../index.js';
import { parseModelIndex } from '@lascaux/models/naming';
import { check, randomStream, readJson } from '@lascaux/nn';
import { samplePosterior } from '@lascaux/vae';
import { z } from 'zod';
import { decodeRaw, encodePicture, type Autoencoder } from './autoencoder.js';

/** ln σ² of p(x | z), and where it comes from. */
export interface ObservationVariance {
  readonly logVariance: number;
  readonly source: string;
}

/** What `vae_decoder/config.json` says beyond the network. */
export interface ObservationConfig {
  readonly logVariance: number | undefined;
  /** Side of the pictures it was trained on. */
  readonly size: number | undefined;
}

const schema = z.looseObject({
  _observation_log_variance: z.number().nullish(),
  sample_size: z.number().int().positive().nullish(),
});

/** Pictures on which σ² is measured where the model does not carry it. */
const MEASURED_PICTURES = 256;

/** Reads the keys of `vae_decoder/config.json` that likelihoods need. @throws LascauxError when one has a wrong type */
export async function readObservationConfig(model: string): Promise<ObservationConfig> {
  const path = join(model, 'vae_decoder', 'config.json');
  const parsed = schema.safeParse((await readJson(path, (json) => json)) ?? {});
  check(parsed.success, { operation: path, rule: 'sample_size and _observation_log_variance must be numbers' });
  return {
    logVariance: parsed.data._observation_log_variance ?? undefined,
    size: parsed.data.sample_size ?? undefined,
  };
}

/** The side of the square pictures that `model_index.json` recommends, where it does. @throws LascauxError when the file is there and wrong */
export async function recommendedSide(model: string): Promise<number | undefined> {
  const size = (await readJson(join(model, 'model_index.json'), parseModelIndex))?.recommendation.size;
  return typeof size === 'object' ? undefined : size;
}

/** Pictures to measure σ² on, and the words for them. */
export interface MeasureOptions {
  readonly set: ImageSet;
  /** "the training pictures" … */
  readonly words: string;
  readonly seed: number;
}

/** The σ² that makes pictures likeliest: their mean squared error, decoded from posterior samples, evenly over the set. */
export async function measureObservationVariance(
  autoencoder: Autoencoder,
  { set, words, seed }: MeasureOptions,
): Promise<ObservationVariance> {
  const { size } = autoencoder;
  const count = Math.min(MEASURED_PICTURES, set.length);
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const index = Math.floor((k * set.length) / count);
    const pixels = toPixels(await set.pixels(index, size), { height: size, width: size });
    const { posterior } = await encodePicture(autoencoder, pixels);
    const noise = randomStream(seed)
      .fork(`observation/${set.fileName(index)}`)
      .normal(posterior.mean.length);
    sum += meanSquaredError(pixels, await decodeRaw(autoencoder, samplePosterior(posterior, noise)));
  }
  return {
    logVariance: Math.log(sum / count),
    source: `mean squared error of ${count} of ${words}, as the model does not carry it`,
  };
}
