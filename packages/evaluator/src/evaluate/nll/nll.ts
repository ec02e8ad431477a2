import {
  isArchivePath,
  openImageFolder,
  openImageSet,
  splitFolders,
  subset,
  toPixels,
  type ImageSet,
} from '@lascaux/data';
import type { StratifiedBound } from '@lascaux/diffusion/bound';
import { bitsPerDimension } from '../../index.js';
import { LascauxError, check, randomStream, type RandomStream } from '@lascaux/nn';
import { resolveModel, type ResolveOptions } from '@lascaux/models';
import { scaleLatent } from '@lascaux/vae';
import type { EvaluationNotice, EvaluationProgress } from '../evaluation-options.js';
import { refuseLeftOut } from '../left-out.js';
import {
  autoencoderNll,
  encodePicture,
  pictureBounds,
  type EncodedPicture,
  type PictureBounds,
} from './autoencoder.js';
import { jointNll, type JointPicture } from './joint.js';
import { distortions, latentBound, latentNll, type LatentModel } from './latent.js';
import {
  measureObservationVariance,
  readObservationConfig,
  recommendedSide,
  type ObservationVariance,
} from './observation.js';
import { openAutoencoder, openLatentModel, type OpenAutoencoder, type OpenLatentModel } from './parts.js';
import { nllParts, type NllPart, type NllPicture, type NllResult } from './result.js';

/** What is judged, and how closely. */
export interface NllOptions {
  /**
   * A model folder in the Stable Diffusion layout, for the autoencoder alone one with `vae_encoder/` and `vae_decoder/`; or a model of the hub.
   * Default: the bundled one.
   */
  readonly model?: string;
  /** How a model of the hub is found or downloaded. */
  readonly hub?: Omit<ResolveOptions, 'option' | 'signal'>;
  /** Images with or without captions: a folder, WebDataset archives, or an opened set. */
  readonly images: string | ImageSet;
  /** Split of the folder where it has any. Default: `test`. */
  readonly split?: string | undefined;
  /** Leave out images of formats that are not read, instead of stopping. Default false. */
  readonly skipBad?: boolean;
  readonly onNotice?: (notice: EvaluationNotice) => void;
  /** Pictures, taken evenly from the set. Default: all. */
  readonly count?: number | undefined;
  /** Posterior samples of the autoencoder's bounds, k. Default 1. */
  readonly samples?: number;
  /** Timesteps of the diffusion bound: so many strata, or `all`. Default 24. */
  readonly timesteps?: number | 'all';
  /** Default: all. */
  readonly parts?: readonly NllPart[];
  /** Leave captions out. Default false. */
  readonly unconditional?: boolean;
  /** Default 0. */
  readonly seed?: number;
  /** Width and height; default: what the autoencoder was trained on. */
  readonly size?: number | undefined;
  /** ln σ² of p(x | z). Default: what the model carries, else measured. */
  readonly logVariance?: number | undefined;
  readonly device?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

/** Strata when nobody says how many. */
export const DEFAULT_STRATA = 24;

/**
 * Bounds on the negative log-likelihood of a folder of pictures: the autoencoder's ELBO and importance-weighted bound, the variational bound
 * of the diffusion model on latents, and that of the two together. A picture's noise depends on the seed and its name alone.
 * @throws LascauxError naming the file, picture or option that is wrong; the signal's reason when it is aborted
 */
export async function evaluateNll(options: NllOptions): Promise<NllResult> {
  const { images, parts = nllParts, device = 'cpu', timesteps = DEFAULT_STRATA, unconditional = false } = options;
  const data = typeof images === 'string' ? images : 'images';
  const { pictures, training } = await openPictures(options);
  options.onNotice?.({ kind: 'found', path: data, set: pictures, captions: !unconditional });
  refuseLeftOut([{ path: data, leftOut: pictures.leftOut }], options.skipBad ?? false);
  const model = await resolveModel(options.model, { ...options.hub, signal: options.signal });
  const written = await readObservationConfig(model);
  const size = options.size ?? written.size ?? (await recommendedSide(model)) ?? 64;
  const autoencoder = await openAutoencoder(model, { size, device });
  let latentModel: OpenLatentModel | undefined;
  try {
    if (parts.some((part) => part !== 'autoencoder')) {
      latentModel = await openLatentModel(model, { device, size, strata: timesteps });
    }
    const observation = await observationVariance(autoencoder, {
      ...options,
      written: written.logVariance,
      pictures,
      training,
    });
    const judged = await judge({ options, pictures, autoencoder, latentModel, observation });
    return { model, data, pictures: pictures.length, size, seed: options.seed ?? 0, observation, ...judged };
  } finally {
    await autoencoder.dispose();
    await latentModel?.dispose();
  }
}

interface Pictures {
  readonly pictures: ImageSet;
  /** The training split of the same folder, where it has one. */
  readonly training: ImageSet | undefined;
}

/** The pictures that are judged, as `images`, `split` and `count` say. @throws LascauxError (usage) when there are none */
export async function openPictures({
  images,
  split,
  count,
}: Pick<NllOptions, 'images' | 'split' | 'count'>): Promise<Pictures> {
  try {
    const { set, training } = await openSplits(images, split);
    const taken = Math.min(count ?? set.length, set.length);
    const indices = Array.from({ length: taken }, (_, k) => Math.floor((k * set.length) / taken));
    return { pictures: subset(set, indices), training };
  } catch (cause) {
    const rule = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ option: 'images', rule, kind: 'usage', cause });
  }
}

/** The set that is judged, and the training split beside it. */
async function openSplits(images: string | ImageSet, split: string | undefined) {
  if (typeof images !== 'string') return { set: images, training: undefined };
  if (await isArchivePath(images)) return { set: await openImageSet(images), training: undefined };
  const splits = await splitFolders(images);
  const wanted = split ?? ('test' in splits ? 'test' : undefined);
  return {
    set: await openImageFolder(images, wanted === undefined ? {} : { split: wanted }),
    training: 'train' in splits && wanted !== 'train' ? await openImageFolder(images, { split: 'train' }) : undefined,
  };
}

async function observationVariance(
  autoencoder: OpenAutoencoder,
  { logVariance, written, pictures, training, seed = 0 }: NllOptions & Pictures & { written: number | undefined },
): Promise<ObservationVariance> {
  if (logVariance !== undefined) return { logVariance, source: 'as asked for' };
  const source = '_observation_log_variance of vae_decoder/config.json';
  if (written !== undefined) return { logVariance: written, source };
  const measured = training
    ? { set: training, words: 'the training pictures' }
    : { set: pictures, words: 'these very pictures, so a little optimistic' };
  return measureObservationVariance(autoencoder, { ...measured, seed });
}

interface Judging {
  readonly options: NllOptions;
  readonly pictures: ImageSet;
  readonly autoencoder: OpenAutoencoder;
  readonly latentModel: OpenLatentModel | undefined;
  readonly observation: ObservationVariance;
}

async function judge(judging: Judging): Promise<Pick<NllResult, NllPart | 'perPicture'>> {
  const { options, pictures, autoencoder, latentModel } = judging;
  const { parts = nllParts, samples = 1, unconditional = false, onProgress } = options;
  const conditioned = !unconditional && pictures.captionSource !== 'none';
  const found: { bounds: PictureBounds[]; latents: StratifiedBound[]; joint: JointPicture[] } = {
    bounds: [],
    latents: [],
    joint: [],
  };
  let strata: LatentModel['strata'] = [];
  let latentLength = 0;
  for (let index = 0; index < pictures.length; index++) {
    const picture = await judgedPicture(judging, index);
    if (parts.includes('autoencoder')) found.bounds.push(await picture.bounds());
    if (latentModel !== undefined) {
      const under = await latentModel.under(conditioned ? pictures.caption(index) : '');
      const bound = await picture.latent(under);
      found.latents.push(bound);
      if (parts.includes('joint')) found.joint.push({ bound, distortions: await picture.distortions(under) });
      ({ strata } = under);
      latentLength = picture.latentLength;
    }
    onProgress?.({ what: 'images', done: index + 1, total: pictures.length });
  }
  const dimensions = 3 * autoencoder.size ** 2;
  const facts = { dimensions: latentLength, timesteps: latentModel?.timesteps ?? 0, conditioned, strata };
  return {
    perPicture: perPicture(pictures, { ...found, dimensions, latentLength }),
    ...(parts.includes('autoencoder') ? { autoencoder: autoencoderNll(found.bounds, { dimensions, samples }) } : {}),
    ...(parts.includes('latent') ? { latent: latentNll(found.latents, facts) } : {}),
    ...(parts.includes('joint') ? { joint: jointNll(found.joint, { strata, dimensions }) } : {}),
  };
}

interface PerPicture {
  readonly bounds: readonly PictureBounds[];
  readonly latents: readonly StratifiedBound[];
  readonly dimensions: number;
  readonly latentLength: number;
}

function perPicture(pictures: ImageSet, { bounds, latents, dimensions, latentLength }: PerPicture): NllPicture[] {
  const bits = (k: number): number => {
    const [bound, latent] = [bounds[k], latents[k]];
    if (bound !== undefined) return bitsPerDimension(bound.discreteReconstruction + bound.divergence, dimensions);
    const steps = latent?.large.reduce((sum, value) => sum + value, latent.prior + latent.reconstruction);
    return bitsPerDimension(steps ?? Number.NaN, latentLength);
  };
  return Array.from({ length: pictures.length }, (_, k) => ({
    name: pictures.fileName(k),
    caption: pictures.caption(k),
    bitsPerDimension: bits(k),
  }));
}

/** One picture, ready for each of the bounds; they draw from streams of their own, so leaving one out changes no other. */
async function judgedPicture({ options, pictures, autoencoder, observation }: Judging, index: number) {
  const { samples = 1, seed = 0, signal } = options;
  const { size, decoder } = autoencoder;
  signal?.throwIfAborted();
  const name = pictures.fileName(index);
  const pixels = toPixels(await pictures.pixels(index, size), { height: size, width: size });
  const encoded: EncodedPicture = await encodePicture(autoencoder, pixels);
  const { logVariance } = observation;
  const latent = scaleLatent(encoded.posterior.mean, decoder.config.latentChannels, decoder.config.scaling);
  const stream = (purpose: string): RandomStream => randomStream(seed).fork(`${purpose}/${name}`);
  return {
    latentLength: latent.length,
    bounds: async () => {
      const onSample = (): void => signal?.throwIfAborted();
      const run = { logVariance, samples, stream: stream('posterior'), onSample };
      const bounds = await pictureBounds(autoencoder, encoded, run);
      return finite(bounds, name, [bounds.divergence, bounds.reconstruction, bounds.importanceWeighted]);
    },
    latent: async (under: LatentModel) => {
      const bound = await latentBound(under, latent, { stream: stream('diffusion'), signal });
      return finite(bound, name, [bound.prior, ...bound.small, ...bound.large, bound.reconstruction]);
    },
    distortions: async (under: LatentModel) => {
      const run = { pixels, latent, logVariance, stream: stream('joint'), signal };
      const found = await distortions(under, autoencoder, run);
      return finite(
        found,
        name,
        found.flatMap(({ continuous, discrete }) => [continuous, discrete]),
      );
    },
  };
}

function finite<T>(value: T, name: string, numbers: readonly number[]): T {
  const bad = numbers.find((number) => !Number.isFinite(number));
  check(bad === undefined, { operation: `nll of ${name}`, rule: 'the model must give finite numbers', value: bad });
  return value;
}
