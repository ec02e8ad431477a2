import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageSet, shuffledIndices } from '@lascaux/data';
import {
  defaultProcess,
  exportDenoiser,
  type LatentSet,
  type NoiseProcess,
  trainDenoiser,
} from '@lascaux/diffusion/train';
import { parametersOf, type ParameterSpec } from '@lascaux/nn';
import { unetProgram } from '@lascaux/nn/networks';
import { checkpointWeights } from '@lascaux/training';
import { assembleModel } from './assemble-model.js';
import type { DenoiserPlan } from './denoiser-plan.js';
import { denoiserPlan, type NamedStages } from './denoiser-plan.js';
import { latentFingerprint } from './fingerprint.js';
import { readWeights } from './initial-weights.js';
import { prepareLatents } from './latent-cache.js';
import { paintSamples } from './paint-samples.js';
import type { OnPrepared, PlannedTraining, TrainerOptions, TrainingRequest } from './train-part.js';

/** How a denoiser is trained between two finished stages, and written with them as a complete model. */
export async function planDenoiser(
  request: TrainingRequest<'denoiser'>,
  named: NamedStages,
): Promise<PlannedTraining> {
  const { options, isResumed, set, dtype } = request;
  const plan = await denoiserPlan(named, options);
  const { config, cells, size, vae, textEncoder } = plan;
  const process: NoiseProcess = { ...defaultProcess, ...options.process };
  const { network: _network, process: _process, size: _size, ...numbers } = options;
  const seed = options.seed ?? 0;
  const decoder = join(vae, 'vae_decoder');
  const tokensOf = (latents: LatentSet): number => latents.unconditional.length / config.cross_attention_dim;
  let tokens = NaN;
  return {
    train: async (common, onPrepared) => {
      const latents = await latentsFor(plan, { set, common, onPrepared });
      tokens = tokensOf(latents);
      const specs = parametersOf(unetProgram(config, { batch: 1, height: cells, width: cells, tokens }));
      return trainDenoiser({
        ...(numbers as object),
        ...(isResumed ? {} : await firstWeights(plan, specs)),
        ...common,
        set: latents,
        indexAt: shuffledIndices(set.length, seed),
        config,
        process,
        cells,
        seed,
        onSample: (view) => paintSamples(view, { config, process, set, latents, cells, size, decoder, seed }),
      });
    },
    write: async (checkpoint, directory) => {
      const weights = await checkpointWeights(checkpoint);
      await exportDenoiser({ weights, directory, config, process, tokens, dtype });
      await assembleModel({ directory, vae, textEncoder, size });
    },
  };
}

/** Latents and embedded captions, made or read again. */
async function latentsFor(
  { vae, textEncoder, size }: DenoiserPlan,
  { set, common, onPrepared }: { set: ImageSet; common: TrainerOptions; onPrepared: OnPrepared },
): Promise<LatentSet> {
  await mkdir(common.out, { recursive: true });
  return prepareLatents({
    set,
    size,
    model: vae,
    textEncoder,
    cache: common.out,
    fingerprint: await latentFingerprint(join(vae, 'vae_encoder'), { set, size }),
    signal: common.signal,
    onProgress: onPrepared,
  });
}

/** The weights of `initial`. */
async function firstWeights({ initial }: DenoiserPlan, specs: readonly ParameterSpec[]) {
  return initial === undefined ? {} : { initial: await readWeights(join(initial, 'unet'), specs) };
}
