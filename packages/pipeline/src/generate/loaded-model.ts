import { schedulerFromConfig, type Scheduler } from '@lascaux/diffusion';
import type { ModelFolder } from '@lascaux/models';
import { LascauxError, check, disposeAll, pathIn } from '@lascaux/nn';
import type { VaeEncoder } from '@lascaux/vae';
import type { Family } from '../family/family.js';
import { familyOf, schedulerConfigOf } from '../family/family-of.js';
import type { PipelineParts } from './pipeline-types.js';

/** A model folder with its stages loaded; the autoencoder's first half is loaded when it is asked for. */
export interface LoadedModel extends Omit<PipelineParts, 'loadVaeEncoder'> {
  readonly model: ModelFolder;
  readonly family: Family;
  /** @throws LascauxError when the model has none */
  readonly vaeEncoder: () => Promise<VaeEncoder>;
  /**
   * The folder's scheduler, or another sampler on its schedule. Each is made once: it holds no state, and a thousand noise levels take
   * as long as several moves of a sampler.
   * @throws LascauxError naming the folder's scheduler configuration where it cannot be sampled
   */
  readonly scheduler: (sampler: string | undefined) => Scheduler;
  readonly dispose: () => Promise<void>;
}

/** Joins a folder and its parts; the parts are owned from then on. */
export function loadedModel(model: ModelFolder, { loadVaeEncoder, ...parts }: PipelineParts): LoadedModel {
  let loading: Promise<VaeEncoder> | undefined;

  function vaeEncoder(): Promise<VaeEncoder> {
    check(loadVaeEncoder !== undefined, {
      operation: model.name,
      rule: 'painting from a picture needs vae_encoder/, which this model lacks',
      kind: 'usage',
    });
    return (loading ??= loadVaeEncoder());
  }

  async function dispose(): Promise<void> {
    const { textEncoders, denoiser, vaeDecoder, previewDecoder } = parts;
    const encoder = await loading?.catch(() => undefined);
    const maybe = [previewDecoder, encoder].filter((part) => part !== undefined);
    await disposeAll([...Object.values(textEncoders), denoiser, vaeDecoder, ...maybe]);
  }

  const schedulers = new Map<string | undefined, Scheduler>();
  function scheduler(sampler: string | undefined): Scheduler {
    const made = schedulers.get(sampler) ?? makeScheduler(model, sampler);
    schedulers.set(sampler, made);
    return made;
  }

  return { model, family: familyOf(model), ...parts, vaeEncoder, scheduler, dispose };
}

function makeScheduler(model: ModelFolder, sampler: string | undefined): Scheduler {
  try {
    return schedulerFromConfig(schedulerConfigOf(model), { sampler });
  } catch (cause) {
    const rule = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: pathIn(model.parts.scheduler, 'scheduler_config.json'), rule, cause });
  }
}
