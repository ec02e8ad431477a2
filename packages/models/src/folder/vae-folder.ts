import { access } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import { readVaeConfig, type VaeConfig } from '@lascaux/vae';
import { modelName } from './model-name.js';
import { refuseUnfinishedRun } from './unfinished-run.js';
import type { ModelFolder } from './model-folder.js';
import { refuseWeightsOnly } from './weights-only.js';

/** An autoencoder that takes the place of a model's own. */
export interface VaeFolder {
  readonly decoder: string;
  /** Needed only to start from a picture. */
  readonly encoder?: string;
  readonly config: VaeConfig;
  /** The name of the folder that holds it; of one in the hub's cache `owner/name`. */
  readonly name: string;
}

const hasGraph = (folder: string): Promise<boolean> =>
  access(join(folder, 'model.onnx')).then(
    () => true,
    () => false,
  );

/** The folder of the decoder's graph: inside, inside the model of a finished run, or the folder itself. */
async function decoderIn(folder: string): Promise<string | undefined> {
  for (const candidate of [join(folder, 'vae_decoder'), join(folder, 'model', 'vae_decoder'), folder])
    if (await hasGraph(candidate)) return candidate;
  return undefined;
}

/**
 * Finds the autoencoder for a model: in a folder that holds `vae_decoder/` (a converted autoencoder or a whole model), in a finished run, or
 * the folder of a decoder's graph itself.
 * @param option names the option in errors
 * @throws LascauxError (usage) when there is none, or its latents are not of the model's channels and size
 */
export async function findVae(path: string, model: ModelFolder, option: string): Promise<VaeFolder> {
  const folder = resolve(path);
  const decoder = await decoderIn(folder);
  if (decoder === undefined) {
    await refuseUnfinishedRun(option, folder);
    for (const component of [folder, join(folder, 'vae')]) await refuseWeightsOnly(option, { component, from: path });
    throw new LascauxError({
      option,
      rule: 'must be a folder with the graph of an autoencoder',
      value: path,
      accepted: ['a folder that `convertModel` made', 'a model folder'],
      kind: 'usage',
    });
  }
  const config = await readVaeConfig(decoder);
  checkFits(config, model, option);
  const isHalf = basename(decoder) === 'vae_decoder';
  const encoder = join(dirname(decoder), 'vae_encoder');
  const name = modelName(isHalf ? dirname(decoder) : decoder);
  return { decoder, config, name, ...(isHalf && (await hasGraph(encoder)) ? { encoder } : {}) };
}

/** Latents of other channels or another factor are another space. */
function checkFits(config: VaeConfig, { name, vaeConfig: own }: ModelFolder, option: string): void {
  const facts = { option, kind: 'usage' } as const;
  check(config.latentChannels === own.latentChannels, {
    ...facts,
    rule: `latents of ${name} have ${own.latentChannels} channels`,
    value: `${config.latentChannels} channels`,
  });
  check(config.spatialFactor === own.spatialFactor, {
    ...facts,
    rule: `a latent cell of ${name} stands for ${own.spatialFactor}x${own.spatialFactor} pixels`,
    value: `${config.spatialFactor}x${config.spatialFactor}`,
  });
}

/** The model with another autoencoder. */
export const withVae = (model: ModelFolder, { decoder, encoder, config, name }: VaeFolder): ModelFolder => ({
  ...model,
  vaeConfig: config,
  vaeName: name,
  parts: { ...model.parts, vaeDecoder: decoder, vaeEncoder: encoder },
});
