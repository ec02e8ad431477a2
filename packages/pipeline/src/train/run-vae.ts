import { join } from 'node:path';
import { check, parametersOf } from '@lascaux/nn';
import type { AutoencoderKLConfig } from '@lascaux/nn/networks';
import { autoencoderKLConfig, vaeDecoderProgram, vaeEncoderProgram } from '@lascaux/nn/networks';
import { defaultVaeConfig, exportVae, trainVae } from '@lascaux/vae/train';
import { stopIfInterrupted, summary } from './finish.js';
import { modelFolderOf, readComponentConfig, readWeights } from './initial-weights.js';
import { networkOption } from './network-option.js';
import { openData } from './open-data.js';
import { engineLimit, openEngine } from './open-engine.js';
import { recordedRun, resumedOptions } from './run-record.js';
import type { TrainJob } from './train-flags.js';
import { readOptions } from './train-options.js';
import { trainingDisplay } from './training-display.js';

const axes = { batch: 'batch', height: 'height', width: 'width' };

/** Trains a VAE and writes `vae_encoder/` and `vae_decoder/` to `OUT/model/`. Returns the line that says what came out. */
export async function runVae(job: TrainJob): Promise<string> {
  const { flags, terminal } = job;
  const asked = await readOptions('vae', flags);
  const recorded = await recordedRun(job);
  const options = recorded === undefined ? asked : resumedOptions(job, recorded, asked);
  const first = recorded === undefined ? await firstModel(job) : undefined;
  const base = first?.config ?? defaultVaeConfig;
  const network = networkOption({ job, key: 'network', parse: autoencoderKLConfig, base, given: options.network });
  const size = options.size ?? (typeof network.sample_size === 'number' ? network.sample_size : 64);
  const config = { ...network, sample_size: size };
  const freezeEncoder = options.freezeEncoder ?? false;
  check(!freezeEncoder || recorded !== undefined || first !== undefined, {
    operation: '--freeze-encoder',
    rule: 'needs --initial: an encoder that was never trained is of no use',
    kind: 'usage',
  });
  const set = await openData(job);
  const initial = first === undefined ? undefined : await vaeWeights(first.model, config);
  const engine = await openEngine(job);
  const display = trainingDisplay(terminal);
  try {
    const { network: _, ...numbers } = options;
    const result = await trainVae({
      ...numbers,
      engine,
      data: set,
      out: flags.out,
      config,
      size,
      freezeEncoder,
      ...(initial === undefined ? {} : { initial }),
      limit: await engineLimit(engine, options.images),
      resume: flags.resume,
      signal: terminal.signal,
      onProgress: display.update,
    });
    display.stop();
    stopIfInterrupted(job, result);
    const directory = join(flags.out, 'model');
    // Latents of a frozen encoder exist already, scaled as its model says.
    const kept = { scalingFactor: config.scaling_factor, shiftFactor: config.shift_factor ?? 0 };
    const scaling = freezeEncoder ? { scaling: kept } : {};
    await exportVae({ checkpoint: result.checkpoint, directory, config, set, size, dtype: flags.dtype, ...scaling });
    return await summary(directory, result);
  } finally {
    display.stop();
    await engine.dispose();
  }
}

interface FirstModel {
  readonly model: string;
  readonly config: AutoencoderKLConfig;
}

/** The model of `--initial` with its config. */
async function firstModel({ flags }: TrainJob): Promise<FirstModel | undefined> {
  if (flags.initial === undefined) return undefined;
  const model = await modelFolderOf('--initial', flags.initial, 'vae_decoder');
  const config = autoencoderKLConfig(await readComponentConfig('--initial', join(model, 'vae_decoder')));
  return { model, config };
}

/** Both halves' weights. */
async function vaeWeights(model: string, config: AutoencoderKLConfig): Promise<ReadonlyMap<string, Float32Array>> {
  const encoder = await readWeights(join(model, 'vae_encoder'), parametersOf(vaeEncoderProgram(config, axes)));
  const decoder = await readWeights(join(model, 'vae_decoder'), parametersOf(vaeDecoderProgram(config, axes)));
  return new Map([...encoder, ...decoder]);
}
