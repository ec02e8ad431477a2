import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertModel } from '@lascaux/models/convert';
import { originalTensors } from '@lascaux/model-fixtures/original';
import { readSafetensors, writeSafetensors } from '@lascaux/nn';
import { readPth } from '@lascaux/nn/pth';
import { temporarily } from '../files.js';
import type { Target } from './target.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const fixtures = join(repository, 'packages/nn/test/fixtures/pth');

const safetensors: Target = {
  prepare: (folder) =>
    writeSafetensors(
      join(folder, 'a.safetensors'),
      {
        'a.weight': { dtype: 'F32', shape: [4, 6], data: Float32Array.from({ length: 24 }, (_, i) => i / 7) },
        'b.bias': { dtype: 'F16', shape: [5], data: Uint16Array.of(1, 2, 3, 4, 5) },
        c: { dtype: 'I64', shape: [2], data: BigInt64Array.of(1n, -2n) },
        d: { dtype: 'U8', shape: [], data: Uint8Array.of(3) },
      },
      { format: 'pt' },
    ),
  read: (folder) => readSafetensors(join(folder, 'a.safetensors')),
};

const pth = (name: string): Target => ({
  prepare: (folder) => cp(join(fixtures, name), join(folder, 'a.pth')),
  read: (folder) => readPth(join(folder, 'a.pth')),
});

/** A text encoder's component, of which config and index are changed. */
const convert: Target = {
  async prepare(folder) {
    const source = join(repository, 'models/lascaux-mini/text_encoder');
    for (const name of ['config.json', 'model.safetensors']) await cp(join(source, name), join(folder, name));
  },
  files: ['config.json'],
  read: (folder) =>
    temporarily(async (out) => {
      await convertModel({ model: folder, out: join(out, 'model') });
      return readdir(join(out, 'model'));
    }),
};

/** A pipeline in miniature, which `originalTensors` turns into one file. */
const pipeline = join(repository, 'tools/python-round-trip/test/fixtures/sd1');

/** A model in one file, whose header is changed most of the time. */
const singleFile: Target = {
  prepare: async (folder) =>
    writeSafetensors(join(folder, 'a.safetensors'), await originalTensors(pipeline, 'sd1'), {
      'modelspec.prediction_type': 'epsilon',
    }),
  read: (folder) =>
    temporarily(async (out) => {
      await convertModel({ model: join(folder, 'a.safetensors'), out: join(out, 'model'), base: pipeline });
      return readdir(join(out, 'model'));
    }),
};

/** Files with weights. */
export const weightTargets: Readonly<Record<string, Target>> = {
  safetensors,
  'pth-legacy': pth('legacy.pth'),
  'pth-1.13': pth('torch-1.13.pth'),
  'pth-2.15': pth('torch-2.15.pth'),
  convert,
  'single-file': singleFile,
};
