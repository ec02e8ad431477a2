import { join } from 'node:path';
import { check, LascauxError } from '@lascaux/nn';
import type { WeightType } from '../convert/element-type.js';
import { readConfig, type ConfigFile } from '../convert/config-file.js';
import { planNetwork, type PlannedComponent } from '../convert/convert-component.js';
import { autoencoderConfig, autoencoderNames } from './autoencoder.js';
import { openCheckpoint, type OpenCheckpoint } from './open-checkpoint.js';
import { has, under, type Entries } from './shapes.js';
import { partSource, type TensorParts } from './tensor-part.js';

/** Where an autoencoder's own file may have its tensors. */
const PREFIXES = ['first_stage_model.', 'vae.', ''];
/** Channels of the latents of Stable Diffusion 1 and 2, the scale of which is taken where nobody says another. */
const CHANNELS = 4;
const SCALING = { scaling_factor: 0.18215 };

async function configOf(entries: Entries, path: string, base: string | undefined): Promise<ConfigFile> {
  if (base !== undefined) return readConfig(join(base, 'vae', 'config.json'));
  const json = autoencoderConfig(entries, SCALING);
  check(json.latent_channels === CHANNELS, {
    option: 'base',
    rule: `must be a model folder whose VAE has the shape of ${path}: its ${String(json.latent_channels)} channels do not say how they are scaled`,
    kind: 'usage',
  });
  return { json, text: `${JSON.stringify(json, null, 2)}\n` };
}

async function planned(
  { path, source }: OpenCheckpoint,
  { base, dtype }: { readonly base?: string; readonly dtype?: WeightType },
): Promise<PlannedComponent | undefined> {
  const prefix = PREFIXES.find((start) => has(source.entries, `${start}encoder.down.0.block.0.`));
  if (prefix === undefined) return undefined;
  const entries = under(source.entries, prefix);
  const parts: TensorParts = new Map(
    [...autoencoderNames(entries)].flatMap(([now, from]) =>
      NO_PARAMETER.test(now) ? [] : [[now, { from: prefix + from }]],
    ),
  );
  const config = await configOf(entries, path, base);
  const className = config.json._class_name ?? 'AutoencoderKL';
  if (className !== 'AutoencoderKL')
    throw new LascauxError({
      option: 'base',
      rule: 'must be a model with an AutoencoderKL',
      value: className,
      kind: 'usage',
    });
  return planNetwork({
    ...{ operation: path, name: 'vae', className, config, dtype, pipeline: {} },
    source: { ...partSource(source, parts), close: () => source.close() },
  });
}

/**
 * An autoencoder alone in one file, in the naming of the latent-diffusion repository, as `vae-ft-mse-840000-ema-pruned.safetensors`.
 * @returns undefined where the file holds something else
 * @throws {LascauxError} naming the tensor that is missing or does not fit
 */
export async function planVaeFile(
  path: string,
  options: { readonly base?: string; readonly dtype?: WeightType },
): Promise<PlannedComponent | undefined> {
  const checkpoint = await openCheckpoint(path);
  let component: PlannedComponent | undefined;
  try {
    component = await planned(checkpoint, options);
    return component;
  } finally {
    if (component === undefined) await checkpoint.source.close();
  }
}

/** The discriminator of the training, and its running averages. */
const NO_PARAMETER = /^(loss|model_ema)\./;
