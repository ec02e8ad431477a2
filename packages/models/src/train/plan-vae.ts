import { join } from 'node:path';
import { check, parametersOf } from '@lascaux/nn';
import { checkpointWeights } from '@lascaux/training';
import {
  autoencoder,
  type AutoencoderConfig,
  autoencoderConfig,
  defaultVaeConfig,
  exportVae,
  trainVae,
} from '@lascaux/vae/train';
import { modelFolderOf, readComponentConfig, readWeights } from './initial-weights.js';
import { networkOption } from './network-option.js';
import type { PlannedTraining, TrainingRequest } from './train-part.js';

/** Side in pixels where neither the options nor the network name one. */
const DEFAULT_SIZE = 64;
const sampleSizeOf = (network: AutoencoderConfig): number | undefined =>
  'sample_size' in network && typeof network.sample_size === 'number' ? network.sample_size : undefined;

const axes = { batch: 'batch', height: 'height', width: 'width' };

/**
 * How a VAE is trained, and written as `vae_encoder/` and `vae_decoder/`.
 * @param named model folder whose weights are the first ones
 */
export async function planVae(
  { options, isResumed, set, dtype }: TrainingRequest<'vae'>,
  named: string | undefined,
): Promise<PlannedTraining> {
  const first = isResumed ? undefined : await firstModel(named);
  const base = first?.config ?? defaultVaeConfig;
  const { network: given, ...numbers } = options;
  const network = networkOption({ key: 'network', parse: autoencoderConfig, base, given });
  const size = options.size ?? sampleSizeOf(network) ?? DEFAULT_SIZE;
  const config = 'sample_size' in network ? { ...network, sample_size: size } : network;
  const freezeEncoder = options.freezeEncoder ?? false;
  check(!freezeEncoder || isResumed || first !== undefined, {
    option: 'freezeEncoder',
    rule: 'needs the option initial: an encoder that was never trained is of no use',
    kind: 'usage',
  });
  const { spatialFactor: factor } = autoencoder(config);
  check(size % factor === 0, {
    option: 'size',
    rule: `must be a multiple of ${factor}`,
    value: size,
    kind: 'usage',
  });
  const initial = first === undefined ? {} : { initial: await vaeWeights(first.model, config) };
  return {
    train: (common) => trainVae({ ...numbers, ...initial, ...common, data: set, config, size, freezeEncoder }),
    write: async (checkpoint, directory) => {
      // Latents of a frozen encoder exist already, scaled as its model says.
      const kept = { scalingFactor: config.scaling_factor, shiftFactor: config.shift_factor ?? 0 };
      await exportVae({
        weights: await checkpointWeights(checkpoint),
        scaling: freezeEncoder ? kept : { set, size },
        ...{ directory, config, dtype },
      });
    },
  };
}

interface FirstModel {
  readonly model: string;
  readonly config: AutoencoderConfig;
}

/** The model that is named as the first one, with its config. */
async function firstModel(named: string | undefined): Promise<FirstModel | undefined> {
  if (named === undefined) return undefined;
  const model = await modelFolderOf('initial', named, 'vae_decoder');
  const config = autoencoderConfig(await readComponentConfig('initial', join(model, 'vae_decoder')));
  return { model, config };
}

/** Both halves' weights. */
async function vaeWeights(model: string, config: AutoencoderConfig): Promise<ReadonlyMap<string, Float32Array>> {
  const { encoderProgram, decoderProgram } = autoencoder(config);
  const encoder = await readWeights(join(model, 'vae_encoder'), parametersOf(encoderProgram(axes)));
  const decoder = await readWeights(join(model, 'vae_decoder'), parametersOf(decoderProgram(axes)));
  return new Map([...encoder, ...decoder]);
}
