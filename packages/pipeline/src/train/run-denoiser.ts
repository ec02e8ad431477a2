import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shuffledIndices } from '@lascaux/data';
import { defaultProcess, exportDenoiser, trainDenoiser } from '@lascaux/diffusion/train';
import type { NoiseProcess } from '@lascaux/diffusion/train';
import { parametersOf } from '@lascaux/nn';
import { unetProgram } from '@lascaux/nn/networks';
import { checkpointWeights } from '@lascaux/training';
import { assembleModel } from './assemble-model.js';
import { denoiserPlan } from './denoiser-plan.js';
import { latentFingerprint } from './fingerprint.js';
import { stopIfInterrupted, summary } from './finish.js';
import { readWeights } from './initial-weights.js';
import { prepareLatents } from './latent-cache.js';
import { openData } from './open-data.js';
import { engineLimit, openEngine } from './open-engine.js';
import { paintSamples } from './paint-samples.js';
import { recordedRun, resumedOptions } from './run-record.js';
import type { TrainJob } from './train-flags.js';
import { readOptions } from './train-options.js';
import { trainingDisplay } from './training-display.js';

/** Trains a denoiser and writes a complete model to `OUT/model/`. Returns the line that says what came out. */
export async function runDenoiser(job: TrainJob): Promise<string> {
  const { flags, terminal } = job;
  const asked = await readOptions('denoiser', flags);
  const recorded = await recordedRun(job);
  const options = recorded === undefined ? asked : resumedOptions(job, recorded, asked);
  const plan = await denoiserPlan(job, options);
  const { config, cells, size, vae, textEncoder } = plan;
  const process: NoiseProcess = { ...defaultProcess, ...options.process };
  const set = await openData(job);
  await mkdir(flags.out, { recursive: true });
  const engine = await openEngine(job);
  const display = trainingDisplay(terminal);
  try {
    const latents = await prepareLatents({
      set,
      size,
      model: vae,
      textEncoder,
      cache: flags.out,
      fingerprint: await latentFingerprint(join(vae, 'vae_encoder'), { set, size }),
      signal: terminal.signal,
      onProgress: (done, total) => display.prepare('latents', done, total),
    });
    const tokens = latents.unconditional.length / config.cross_attention_dim;
    const specs = parametersOf(unetProgram(config, { batch: 1, height: cells, width: cells, tokens }));
    const starts = flags.initial !== undefined && recorded === undefined;
    const initial = starts ? { initial: await readWeights(join(plan.initial!, 'unet'), specs) } : {};
    const { network: _network, process: _process, size: _size, ...numbers } = options;
    const seed = options.seed ?? 0;
    const decoder = join(vae, 'vae_decoder');
    const result = await trainDenoiser({
      ...(numbers as object),
      ...initial,
      engine,
      set: latents,
      indexAt: shuffledIndices(set.length, seed),
      out: flags.out,
      config,
      process,
      cells,
      seed,
      limit: await engineLimit(engine, options.images),
      resume: flags.resume,
      signal: terminal.signal,
      onProgress: display.update,
      onSample: (view) => paintSamples(view, { config, process, set, latents, cells, size, decoder, seed }),
    });
    display.stop();
    stopIfInterrupted(job, result);
    const directory = join(flags.out, 'model');
    const stored = await checkpointWeights(result.checkpoint);
    const weights = new Map([...stored].map(([name, { data }]) => [name, data as Float32Array]));
    await exportDenoiser({ weights, directory, config, process, tokens, dtype: flags.dtype });
    await assembleModel({ directory, vae, textEncoder, size });
    return await summary(directory, result);
  } finally {
    display.stop();
    await engine.dispose();
  }
}
