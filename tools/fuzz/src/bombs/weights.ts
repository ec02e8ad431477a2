import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertModel } from '@lascaux/models/convert';
import { readSafetensors } from '@lascaux/nn';
import { readPth } from '@lascaux/nn/pth';
import { safetensorsOf } from '../fixtures/safetensors.js';
import { pthOf } from '../fixtures/zip.js';
import type { Bomb } from './bomb.js';

const pth = (...operations: readonly (Uint8Array | string)[]): Bomb => ({
  make: (folder) => writeFile(join(folder, 'a.pth'), pthOf(...operations)),
  read: (folder) => readPth(join(folder, 'a.pth')),
});

const safetensors = (header: () => string): Bomb => ({
  make: (folder) => writeFile(join(folder, 'a.safetensors'), safetensorsOf(header())),
  read: (folder) => readSafetensors(join(folder, 'a.safetensors')),
});

const empty = (name: string): string => `"${name}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;

/** A whole model in one file, by its names. */
const checkpoint = (names: () => readonly string[]): Bomb => ({
  make: (folder) =>
    writeFile(
      join(folder, 'a.safetensors'),
      safetensorsOf(
        `{${names()
          .map((name) => empty(name))
          .join(',')}}`,
      ),
    ),
  read: (folder) => convertModel({ model: join(folder, 'a.safetensors'), out: join(folder, 'out') }),
});
const unet = (i: number): string => `model.diffusion_model.input_blocks.${i}.0.out_layers.3.weight`;

const pairs = `](${'K\x01K\x02\x86'.repeat(100_000)}e`;

/** Files with weights. */
export const weightBombs: Readonly<Record<string, Bomb>> = {
  'pth of 20 million dictionaries': pth(Buffer.alloc(20e6, '}')),
  'pth of 50 million tuples': pth(Buffer.alloc(50e6, ')')),
  'pth of 50 million marks': pth(Buffer.alloc(50e6, '(')),
  'pth whose dictionary of 100,000 pairs is made 100,000 times': pth(
    'ccollections\nOrderedDict\nq\x000',
    pairs,
    '\x85q\x010',
    'h\x00h\x01R0'.repeat(100_000),
    '}',
  ),
  'safetensors with a header of 30 MB of brackets': safetensors(() => '['.repeat(15e6) + ']'.repeat(15e6)),
  'safetensors with a header of 30 MB of lists': safetensors(() => `{"a":[${'[],'.repeat(10e6)}[]]}`),
  'safetensors with 500,000 tensors': safetensors(
    () => `{${Array.from({ length: 500_000 }, (_, i) => empty(`t${i}`)).join(',')}}`,
  ),
  'safetensors with 100,000 tensors': safetensors(
    () => `{${Array.from({ length: 100_000 }, (_, i) => empty(`t${i}`)).join(',')}}`,
  ),
  'checkpoint of 100,000 blocks': checkpoint(() => Array.from({ length: 100_000 }, (_, i) => unet(i))),
  'checkpoint of 15,000 blocks': checkpoint(() => Array.from({ length: 15_000 }, (_, i) => unet(i))),
  'checkpoint of 500 blocks of 30 tensors': checkpoint(() =>
    Array.from({ length: 15_000 }, (_, i) => `model.diffusion_model.input_blocks.${i % 500}.0.t${i}`),
  ),
  'safetensors with notes of 30 MB': safetensors(() => `{"__metadata__":{"a":"${'x'.repeat(30e6)}"}}`),
};
