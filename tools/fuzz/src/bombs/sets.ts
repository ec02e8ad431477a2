import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { openImageFolder, openWebDataset } from '@lascaux/data';
import { readMoments } from '@lascaux/evaluator';
import { blackPng } from '../fixtures/png.js';
import { paxRecord, tarOf } from '../fixtures/tar.js';
import { zipOf, type ZipFile } from '../fixtures/zip.js';
import type { Bomb } from './bomb.js';

const npz = (files: () => readonly ZipFile[]): Bomb => ({
  make: (folder) => writeFile(join(folder, 'a.npz'), zipOf(files())),
  read: (folder) => readMoments(join(folder, 'a.npz')),
});
const zeros = (name: string): ZipFile => ({
  name,
  data: deflateRawSync(Buffer.alloc(2 ** 30), { level: 9 }),
  method: 'deflated',
  size: 2 ** 30,
});

const tar = (file: string, bytes: () => Uint8Array): Bomb => ({
  make: (folder) => writeFile(join(folder, file), bytes()),
  read: (folder) => openWebDataset(join(folder, file)),
});
const pattern = (name: string): Bomb => ({
  make: async () => Promise.resolve(),
  read: (folder) => openWebDataset(join(folder, name)),
});

const png = blackPng({ width: 8, height: 8 });
const sized = (size: string): Uint8Array =>
  tarOf([
    { name: 'a.png', data: png },
    { name: 'P', type: 'x', data: paxRecord(`size=${size}`) },
    { name: 'b.png', data: png },
  ]);

const metadata = (text: () => string, name = 'metadata.jsonl'): Bomb => ({
  async make(folder) {
    await writeFile(join(folder, 'a.png'), png);
    await writeFile(join(folder, name), text());
  },
  read: (folder) => openImageFolder(folder),
});

/** Sets of images, and statistics of them. */
export const setBombs: Readonly<Record<string, Bomb>> = {
  'npz that unpacks to 1 GB': npz(() => [zeros('mu.npy')]),
  'npz that says 4 GB': npz(() => [{ ...zeros('mu.npy'), data: deflateRawSync(Buffer.alloc(9)), size: 0xfffffff0 }]),
  'tar.gz that unpacks to 2 GB': tar('a.tar.gz', () =>
    Buffer.concat(Array<Buffer>(8).fill(gzipSync(Buffer.alloc(2 ** 28), { level: 9 }))),
  ),
  'tar with a size below zero': tar('a.tar', () => sized('-1536')),
  'tar with a size that is no number': tar('a.tar', () => sized('abc')),
  'pattern of a hundred million archives': pattern('x-{0..99999999}.tar'),
  'pattern of ten ranges': pattern(`x-${'{0..9}'.repeat(10)}.tar`),
  'pattern of a million archives': pattern('x-{0..999999}.tar'),
  'tar of 100 GB of nothing': {
    async make(folder) {
      await writeFile(join(folder, 'a.tar'), tarOf([{ name: 'a.png', data: png }]));
      await truncate(join(folder, 'a.tar'), 100e9);
    },
    read: (folder) => openWebDataset(join(folder, 'a.tar')),
  },
  'metadata of 11 million rows': metadata(() => '{"file_name":"a.png"}\n'.repeat(11e6)),
  'metadata of 100,000 rows': metadata(() => '{"file_name":"a.png","text":"a cat","width":512}\n'.repeat(100_000)),
  'metadata.csv of 11 million rows': metadata(
    () => `file_name,text\n${'a.png,a red cat\n'.repeat(11e6)}`,
    'metadata.csv',
  ),
  'metadata.csv of a hundred million columns': metadata(
    () => `file_name${',a'.repeat(1e8)}\na.png${','.repeat(5e7)}`,
    'metadata.csv',
  ),
  'metadata.csv of 100,000 rows': metadata(
    () => `file_name,text\n${'a.png,a red cat\n'.repeat(100_000)}`,
    'metadata.csv',
  ),
  'metadata of a line of 100 MB': metadata(() => `{"file_name":"a.png","text":"${'x'.repeat(1e8)}"}`),
  'metadata of 3 million brackets': metadata(() => `{"file_name":"a.png","x":${'['.repeat(3e6)}${']'.repeat(3e6)}}`),
};
