import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSet } from '@lascaux/data';
import { openImageFolder, toPixels } from '@lascaux/data';
import { randomStream } from '@lascaux/nn';
import type { Posterior, VaeDecoder, VaeEncoder } from '@lascaux/vae';
import { loadVaeDecoder, loadVaeEncoder, samplePosterior, scaleLatent } from '@lascaux/vae';
import { z } from 'zod';
import { divergenceNats, reconstructionNats, squaredError } from './elbo.js';
import type { FigureOptions } from './figure-options.js';
import { mean } from './statistics.js';

/** Figures of the autoencoder on held-out scenes. */
export interface VaeFigures {
  readonly scenes: number;
  /** Mean over scenes of 10·log₁₀(4 / mean squared error), decoded from the posterior's mean, not clamped. */
  readonly psnr: number;
  /** log σ² of p(x | z), and where it comes from. */
  readonly observationLogVariance: { readonly value: number; readonly source: string };
  /** The terms of −ELBO, each per image and per dimension (pixel and channel), in nats; reconstructed from one posterior sample. */
  readonly reconstruction: Term;
  readonly divergence: Term;
  readonly negativeElbo: Term;
}

/** Nats, averaged over scenes. */
export interface Term {
  readonly perImage: number;
  readonly perDimension: number;
}

/** Scenes of the training split on which σ² is measured where the model does not carry it. */
const MEASURED_SCENES = 256;
const Config = z.object({
  _observation_log_variance: z.number().optional(),
  sample_size: z.number().int().positive().default(64),
});

interface Vae {
  readonly encoder: VaeEncoder;
  readonly decoder: VaeDecoder;
  readonly size: number;
}

interface Scene {
  readonly pixels: Float32Array;
  readonly posterior: Posterior;
}

async function sceneAt({ encoder, size }: Vae, set: ImageSet, index: number): Promise<Scene> {
  const area = { height: size, width: size };
  const pixels = toPixels(await set.pixels(index, size), area);
  return { pixels, posterior: await encoder.posterior(pixels, area) };
}

/** Σ (x − x̂)² of a scene whose raw latent is decoded. */
async function decodedError({ decoder, size }: Vae, pixels: Float32Array, latent: Float32Array): Promise<number> {
  const { latentChannels, scaling } = decoder.config;
  const decoded = await decoder.decode(scaleLatent(latent, latentChannels, scaling), { height: size, width: size });
  return squaredError(pixels, decoded);
}

/** The noise of a scene depends on its index alone. */
const sampled = ({ posterior }: Scene, index: number, seed: number): Float32Array =>
  samplePosterior(posterior, randomStream(seed).fork(`scene/${index}`).normal(posterior.mean.length));

/** The σ² that makes training scenes likeliest: their mean squared error, decoded from posterior samples. */
async function measuredLogVariance(vae: Vae, set: ImageSet, seed: number): Promise<number> {
  const count = Math.min(MEASURED_SCENES, set.length);
  const errors: number[] = [];
  for (let k = 0; k < count; k++) {
    const index = Math.floor((k * set.length) / count);
    const scene = await sceneAt(vae, set, index);
    errors.push((await decodedError(vae, scene.pixels, sampled(scene, index, seed))) / scene.pixels.length);
  }
  return Math.log(mean(errors));
}

async function observationLogVariance(
  vae: Vae,
  { written, data, seed }: { written?: number; data: string; seed: number },
) {
  if (written !== undefined) return { value: written, source: '_observation_log_variance of vae_decoder/config.json' };
  const set = await openImageFolder(data, { split: 'train' });
  const value = await measuredLogVariance(vae, set, seed);
  const count = Math.min(MEASURED_SCENES, set.length);
  return { value, source: `mean squared error of ${count} training scenes, as the model does not carry it` };
}

/**
 * PSNR and ELBO of a model folder's autoencoder on held-out scenes.
 * @throws {LascauxError} naming the file that is missing or broken
 */
export async function vaeFigures({ model, data, count, seed, onProgress }: FigureOptions): Promise<VaeFigures> {
  const config = Config.parse(JSON.parse(await readFile(join(model, 'vae_decoder', 'config.json'), 'utf8')));
  const encoder = await loadVaeEncoder(join(model, 'vae_encoder'));
  const vae: Vae = { encoder, decoder: await loadVaeDecoder(join(model, 'vae_decoder')), size: config.sample_size };
  try {
    const set = await openImageFolder(data, { split: 'test' });
    const scenes = Math.min(count ?? set.length, set.length);
    const written = config._observation_log_variance;
    const variance = await observationLogVariance(vae, { ...(written === undefined ? {} : { written }), data, seed });
    const dimensions = 3 * vae.size ** 2;
    const rows: { psnr: number; reconstruction: number; divergence: number }[] = [];
    for (let index = 0; index < scenes; index++) {
      const scene = await sceneAt(vae, set, index);
      const error = await decodedError(vae, scene.pixels, scene.posterior.mean);
      const sampledError = await decodedError(vae, scene.pixels, sampled(scene, index, seed));
      rows.push({
        psnr: 10 * Math.log10((4 * dimensions) / error),
        reconstruction: reconstructionNats(sampledError, { dimensions, logVariance: variance.value }),
        divergence: divergenceNats(scene.posterior),
      });
      onProgress?.(index + 1, scenes);
    }
    const term = (nats: number): Term => ({ perImage: nats, perDimension: nats / dimensions });
    const [reconstruction, divergence] = [
      mean(rows.map((row) => row.reconstruction)),
      mean(rows.map((row) => row.divergence)),
    ];
    return {
      scenes,
      psnr: mean(rows.map((row) => row.psnr)),
      observationLogVariance: variance,
      reconstruction: term(reconstruction),
      divergence: term(divergence),
      negativeElbo: term(reconstruction + divergence),
    };
  } finally {
    await Promise.all([vae.encoder.dispose(), vae.decoder.dispose()]);
  }
}
