import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach } from 'vitest';
import type { ImageSet } from '@lascaux/data';

/** A fresh folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-data-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map(async (folder) => rm(folder, { recursive: true, force: true })));
});

/** Writes files given by relative path. */
export async function writeFiles(root: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

/** A PNG of one colour. */
export async function colourPng(rgb: readonly [number, number, number], width = 8, height = 8): Promise<Buffer> {
  const [r, g, b] = rgb;
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
}

/** A set of one-colour pictures: picture i has the value i everywhere. `reads` counts decodings. */
export function countingSet(length: number): ImageSet & { reads: number } {
  return {
    length,
    captionSource: 'metadata',
    leftOut: [],
    notes: [],
    captionSourceOf: () => 'metadata',
    byteLength: async () => Promise.resolve(1),
    caption: (i) => `picture ${i}`,
    fileName: (i) => `${i}.png`,
    extra: () => ({}),
    origin: (i) => ({ file: `${i}.png`, offset: 0 }),
    bytes: async (i) => Promise.resolve(Uint8Array.of(i)),
    async pixels(i, size) {
      this.reads++;
      return Promise.resolve(new Uint8Array(size * size * 3).fill(i));
    },
    reads: 0,
  };
}

/** A ustar archive of these members. */
export function tarOf(
  members: readonly (readonly [name: string, content: string | Uint8Array, type?: string])[],
): Buffer {
  const blocks = members.flatMap(([name, content, type = '0']) => {
    const data = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write(data.length.toString(8).padStart(11, '0'), 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('ustar\0' + '00', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
