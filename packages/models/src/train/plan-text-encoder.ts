import { check } from '@lascaux/nn';
import { clipTextConfig, type CLIPVisionConfig, clipVisionConfig } from '@lascaux/nn/networks';
import {
  defaultTextConfig,
  defaultVisionConfig,
  exportTextEncoder,
  learnTokenizer,
  trainTextEncoder,
} from '@lascaux/text-encoder/train';
import { checkpointWeights } from '@lascaux/training';
import { networkOption } from './network-option.js';
import type { PartOptions } from './train-options.js';
import type { PlannedTraining, TrainingRequest } from './train-part.js';

/** How a tokenizer is learned and a CLIP trained, and how both are written. */
export function planTextEncoder({ options, set, dtype }: TrainingRequest<'text-encoder'>): PlannedTraining {
  const vision = visionConfig(options);
  const maxLength = options.maxLength ?? numberAt(options.text, 'max_position_embeddings');
  const tokenizer = learnTokenizer(set, given({ vocabulary: options.vocabulary, maxLength }));
  const base = defaultTextConfig(tokenizer);
  const text = networkOption({ key: 'text', parse: clipTextConfig, base, given: options.text });
  check(text.vocab_size === tokenizer.vocabSize && text.projection_dim === vision.projection_dim, {
    option: 'text',
    rule: `must have the vocabulary of the captions (${tokenizer.vocabSize}) and the projection_dim of vision (${vision.projection_dim})`,
    value: `${text.vocab_size}, ${text.projection_dim}`,
    kind: 'usage',
  });
  const { images, batchSize, seed, rate } = options;
  const numbers = given({ images, batchSize, seed, rate });
  return {
    train: (common) => trainTextEncoder({ ...numbers, ...common, data: set, tokenizer, text, vision }),
    write: async (checkpoint, directory) =>
      exportTextEncoder({
        weights: await checkpointWeights(checkpoint),
        ...{ directory, tokenizer, text, vision, dtype },
      }),
  };
}

const numberAt = (keys: Readonly<Record<string, unknown>> | undefined, key: string): number | undefined =>
  typeof keys?.[key] === 'number' ? keys[key] : undefined;

/** The entries that have a value. */
function given<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function visionConfig(options: PartOptions<'text-encoder'>): CLIPVisionConfig {
  const side = options.size === undefined ? {} : { image_size: options.size };
  const keys = { ...side, ...options.vision };
  const vision = networkOption({
    key: 'vision',
    parse: clipVisionConfig,
    base: defaultVisionConfig,
    given: keys,
  });
  check(vision.image_size % vision.patch_size === 0, {
    option: 'size',
    rule: `must be a multiple of the patch size ${vision.patch_size}`,
    value: vision.image_size,
    kind: 'usage',
  });
  return vision;
}
