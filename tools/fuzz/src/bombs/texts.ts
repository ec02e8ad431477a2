import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSchedulerConfig, schedulerFromConfig } from '@lascaux/diffusion';
import { openModelFolder } from '@lascaux/models';
import { loadT5Tokenizer, loadTokenizer, parsePromptSections } from '@lascaux/text-encoder';
import type { Bomb } from './bomb.js';

const scheduler = (text: string): Bomb => ({
  make: (folder) => writeFile(join(folder, 'a.json'), text),
  read: async (folder) => parseSchedulerConfig(await readFile(join(folder, 'a.json'), 'utf8')),
});

const model = (index: string): Bomb => ({
  make: (folder) => writeFile(join(folder, 'model_index.json'), index),
  read: openModelFolder,
});

const vocabulary = (count: number): string =>
  `{${Array.from({ length: count }, (_, i) => `"t${i}":${i}`).join(',')},"<|startoftext|>":${count},"<|endoftext|>":${count + 1}}`;

const tokenizer = (count: number): Bomb => ({
  async make(folder) {
    await writeFile(join(folder, 'vocab.json'), vocabulary(count));
    await writeFile(join(folder, 'merges.txt'), '');
  },
  read: loadTokenizer,
});

const t5: Bomb = {
  async make(folder) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'tokenizer_config.json'), '{}');
    await writeFile(join(folder, 'tokenizer.json'), `{"a":${'['.repeat(2e7)}${']'.repeat(2e7)}}`);
  },
  read: loadT5Tokenizer,
};

const prompt = (text: string): Bomb => ({
  make: async () => Promise.resolve(),
  read: async () => Promise.resolve(parsePromptSections(text)),
});

/** Configurations, vocabularies and prompts. */
export const textBombs: Readonly<Record<string, Bomb>> = {
  'scheduler with 1 MB of quotes in a text without an end': scheduler(`"${'\\"'.repeat(500_000)}`),
  'scheduler with a text of 4 MB': scheduler(`{"a":"${'x'.repeat(4e6)}"}`),
  'scheduler with 4 MB of brackets': scheduler('['.repeat(2e6) + ']'.repeat(2e6)),
  'scheduler of a million timesteps': {
    make: async () => Promise.resolve(),
    read: async () =>
      Promise.resolve(
        schedulerFromConfig({
          _class_name: 'DPMSolverMultistepScheduler',
          num_train_timesteps: 1_000_000,
          use_karras_sigmas: true,
        }).plan({ steps: 1000 }),
      ),
  },
  'model_index of 4 MB of brackets': model('['.repeat(2e6) + ']'.repeat(2e6)),
  'model_index of a million keys': model(
    `{${Array.from({ length: 200_000 }, (_, i) => `"k${i}":["a","b"]`).join(',')}}`,
  ),
  'vocab.json of 3 million tokens': tokenizer(3_000_000),
  'vocab.json of 200,000 tokens': tokenizer(199_998),
  'tokenizer.json of 40 MB of brackets': t5,
  'prompt of 1 MB of brackets': prompt('('.repeat(1e6)),
  'prompt of 1 MB of weights': prompt('(a:'.repeat(330_000)),
};
