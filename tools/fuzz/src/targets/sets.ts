import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openImageFolder, openWebDataset, type ImageSet } from '@lascaux/data';
import { blackPng } from '../fixtures/png.js';
import { paxRecord, tarOf } from '../fixtures/tar.js';
import type { Target } from './target.js';

const png = blackPng({ width: 8, height: 8 });
const archive = tarOf([
  { name: '0.png', data: png },
  { name: '0.txt', data: 'a cat' },
  { name: 'P', type: 'x', data: paxRecord(`path=${'long/'.repeat(30)}1.png`) + paxRecord(`size=${png.length}`) },
  { name: '1.png', data: png },
  { name: '2.png', data: png },
  { name: '2.json', data: '{"caption":"a dog","width":8,"tags":["x"]}' },
]);

async function readAll(set: ImageSet): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let i = 0; i < Math.min(set.length, 4); i++)
    seen.push(set.caption(i), set.fileName(i), set.extra(i), await set.pixels(i, 8));
  return seen;
}

const packed = (file: string, bytes: Uint8Array): Target => ({
  prepare: (folder) => writeFile(join(folder, file), bytes),
  read: async (folder) => readAll(await openWebDataset(join(folder, file))),
});

const folderWith = (file: string, text: string): Target => ({
  async prepare(folder) {
    for (const name of ['a.png', 'b.png', 'c.png']) await writeFile(join(folder, name), png);
    await writeFile(join(folder, file), text);
  },
  files: [file],
  read: async (folder) => readAll(await openImageFolder(folder)),
});

/** Sets of images with captions. */
export const setTargets: Readonly<Record<string, Target>> = {
  tar: packed('a.tar', archive),
  'tar.gz': packed('a.tar.gz', gzipSync(archive)),
  'metadata.jsonl': folderWith(
    'metadata.jsonl',
    '{"file_name":"a.png","text":"a cat","label":1}\n{"file_name":"b.png","text":"a \\"dog\\""}\n',
  ),
  'metadata.csv': folderWith(
    'metadata.csv',
    'file_name,text,label\na.png,a cat,1\nb.png,"a dog, big",2\nc.png,"a ""b""",3\n',
  ),
};
