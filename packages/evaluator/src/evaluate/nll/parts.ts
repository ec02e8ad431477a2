import { join } from 'node:path';
import { schedulerFromConfig, type Scheduler } from '@lascaux/diffusion';
import { boundStrata } from '@lascaux/diffusion/bound';
import { openModelFolder } from '@lascaux/models';
import { check, disposeAll, type Disposable } from '@lascaux/nn';
import { openPromptedNetwork, schedulerConfigOf } from '@lascaux/pipeline';
import { loadVaeDecoder, loadVaeEncoder } from '@lascaux/vae';
import type { Autoencoder } from './autoencoder.js';
import type { LatentModel } from './latent.js';

/** An autoencoder of a model folder, with the sessions it holds. */
export interface OpenAutoencoder extends Autoencoder, Disposable {}

/** Opens `vae_encoder/` and `vae_decoder/`; nothing else of a model folder is needed. @throws LascauxError naming what is missing */
export async function openAutoencoder(
  model: string,
  { size, device }: { readonly size: number; readonly device: string },
): Promise<OpenAutoencoder> {
  const decoder = await loadVaeDecoder(join(model, 'vae_decoder'), { device });
  try {
    const { config } = decoder;
    const encoder = await loadVaeEncoder(join(model, 'vae_encoder'), { device, config });
    const { spatialFactor } = config;
    check(size % spatialFactor === 0, {
      option: 'size',
      rule: `must be a multiple of ${spatialFactor}, the pixels of a latent cell`,
      value: size,
      kind: 'usage',
    });
    return { encoder, decoder, size, dispose: () => disposeAll([encoder, decoder]) };
  } catch (error) {
    await decoder.dispose();
    throw error;
  }
}

/** A diffusion model of a model folder that can be bound to captions. */
export interface OpenLatentModel extends Disposable {
  /** T. */
  readonly timesteps: number;
  /** The model under a caption, empty for none. */
  readonly under: (caption: string) => Promise<LatentModel>;
}

/** What the diffusion model is opened for. */
export interface LatentModelOptions {
  readonly device: string;
  /** Width and height of the pictures. */
  readonly size: number;
  /** Strata of timesteps; `all`: one for each. */
  readonly strata: number | 'all';
}

/**
 * Opens denoiser, text encoders and schedule.
 * @throws LascauxError naming what is missing, or when the schedule does not preserve the variance
 */
export async function openLatentModel(
  model: string,
  { device, size, strata: wanted }: LatentModelOptions,
): Promise<OpenLatentModel> {
  const folder = await openModelFolder(model);
  const scheduler = ancestralScheduler(schedulerConfigOf(folder));
  const timesteps = Number(scheduler.config.num_train_timesteps);
  const { levelAt } = scheduler;
  const count = wanted === 'all' ? timesteps - 1 : wanted;
  const strata = boundStrata({ levelAt, timesteps, count });
  const network = await openPromptedNetwork(folder, { device });
  return {
    timesteps,
    // Without guidance: the bound is that of the model as it was trained.
    under: async (caption) => {
      const bound = await network.under(caption, { width: size, height: size });
      return { denoiser: scheduler.denoiser(bound), levelAt, strata };
    },
    dispose: () => network.dispose(),
  };
}

/** The model's own schedule and prediction under DDPM's chain, whatever sampler its file names. */
function ancestralScheduler(config: Readonly<Record<string, unknown>>): Scheduler {
  const own = schedulerFromConfig(config);
  check(!own.className.startsWith('Flow') && own.config.prediction_type !== 'flow_prediction', {
    operation: 'variational bound',
    rule: 'needs a variance preserving schedule, not straight lines (flow matching)',
    value: own.className,
  });
  // Only DDPM and DDIM clip; the others must not take DDPM's default of clipping.
  const clip_sample = own.config.clip_sample ?? false;
  return schedulerFromConfig({ ...own.config, clip_sample, _class_name: 'DDPMScheduler' });
}
