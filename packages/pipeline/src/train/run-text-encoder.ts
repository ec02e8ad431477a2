import { join } from 'node:path';
import { check } from '@lascaux/nn';
import type { CLIPVisionConfig } from '@lascaux/nn/networks';
import { clipTextConfig, clipVisionConfig } from '@lascaux/nn/networks';
import {
  defaultTextConfig,
  defaultVisionConfig,
  exportTextEncoder,
  learnTokenizer,
  trainTextEncoder,
} from '@lascaux/text-encoder/train';
import { stopIfInterrupted, summary } from './finish.js';
import { networkOption } from './network-option.js';
import { openData } from './open-data.js';
import { engineLimit, openEngine } from './open-engine.js';
import { recordedRun, resumedOptions } from './run-record.js';
import type { TrainJob } from './train-flags.js';
import type { PartOptions } from './train-options.js';
import { readOptions } from './train-options.js';
import { trainingDisplay } from './training-display.js';

/** Trains a tokenizer and a CLIP and writes both to `OUT/model/`. Returns the line that says what came out. */
export async function runTextEncoder(job: TrainJob): Promise<string> {
  const { flags, terminal } = job;
  const asked = await readOptions('text-encoder', flags);
  const recorded = await recordedRun(job);
  const options = recorded === undefined ? asked : resumedOptions(job, recorded, asked);
  const vision = visionConfig(job, options);
  const set = await openData(job);
  const maxLength = options.maxLength ?? numberAt(options.text, 'max_position_embeddings');
  const tokenizer = learnTokenizer(set, {
    ...(options.vocabulary === undefined ? {} : { vocabulary: options.vocabulary }),
    ...(maxLength === undefined ? {} : { maxLength }),
  });
  const base = defaultTextConfig(tokenizer);
  const text = networkOption({ job, key: 'text', parse: clipTextConfig, base, given: options.text });
  check(text.vocab_size === tokenizer.vocabSize && text.projection_dim === vision.projection_dim, {
    operation: 'train text-encoder',
    rule: `text must have the vocabulary of the captions (${tokenizer.vocabSize}) and the projection_dim of vision (${vision.projection_dim})`,
    value: `${text.vocab_size}, ${text.projection_dim}`,
    kind: 'usage',
  });
  const engine = await openEngine(job);
  const display = trainingDisplay(terminal);
  try {
    const { images, batchSize, seed, rate } = options;
    const result = await trainTextEncoder({
      ...given({ images, batchSize, seed, rate }),
      engine,
      data: set,
      tokenizer,
      out: flags.out,
      text,
      vision,
      limit: await engineLimit(engine, options.images),
      resume: flags.resume,
      signal: terminal.signal,
      onProgress: display.update,
    });
    display.stop();
    stopIfInterrupted(job, result);
    const directory = join(flags.out, 'model');
    const { checkpoint } = result;
    await exportTextEncoder({ checkpoint, directory, tokenizer, text, vision, dtype: flags.dtype });
    return await summary(directory, result);
  } finally {
    display.stop();
    await engine.dispose();
  }
}

const numberAt = (keys: Readonly<Record<string, unknown>> | undefined, key: string): number | undefined =>
  typeof keys?.[key] === 'number' ? keys[key] : undefined;

/** The entries that have a value. */
function given<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function visionConfig(job: TrainJob, options: PartOptions<'text-encoder'>): CLIPVisionConfig {
  const side = options.size === undefined ? {} : { image_size: options.size };
  const keys = { ...side, ...options.vision };
  const vision = networkOption({
    job,
    key: 'vision',
    parse: clipVisionConfig,
    base: defaultVisionConfig,
    given: keys,
  });
  check(vision.image_size % vision.patch_size === 0, {
    operation: '--size',
    rule: `must be a multiple of the patch size ${vision.patch_size}`,
    value: vision.image_size,
    kind: 'usage',
  });
  return vision;
}
