import { join } from 'node:path';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { decodeSquare, openWebDataset, withImage } from '@lascaux/data';
import { LascauxError } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';
import { colourPng, tarOf, temporaryFolder, writeFiles } from './helpers.js';
import { budgetOf } from '../src/budget.js';

/** The error of a call, which must be ours and of one line. */
async function refusalOf(call: () => Promise<unknown>): Promise<string> {
  const error: unknown = await call().then(
    () => 'no error',
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(LascauxError);
  expect((error as LascauxError).message).not.toMatch(/\p{Cc}/u);
  return (error as LascauxError).message;
}

async function fileOf(name: string, bytes: Uint8Array | string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFiles(folder, { [name]: bytes });
  return join(folder, name);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** A black PNG of one bit a pixel, of which only the first lines are there: its size is what counts. */
function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = chunk('IDAT', deflateSync(Buffer.alloc(4096)));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

/** A record of an extended header: "length key=value\n". */
function pax(record: string): string {
  let length = record.length + 3;
  while (`${length} ${record}\n`.length !== length) length++;
  return `${length} ${record}\n`;
}

describe('a brace pattern', () => {
  it.each([
    ['x-{0..99999999}.tar', 'may name 1000000 archives'],
    [`x-${'{0..9}'.repeat(10)}.tar`, 'may name 1000000 archives'],
    ['x-{0..99999999999999999999999999}.tar', 'may name 1000000 archives'],
    [`x-${'{1..1}'.repeat(17)}.tar`, 'may have 16 brace ranges'],
  ])('%s is refused at once', async (pattern, rule) => {
    expect(await refusalOf(() => openWebDataset(pattern))).toContain(rule);
  });

  it('may name as many archives as LAION-2B has', async () => {
    expect(await refusalOf(() => openWebDataset('/none/{000000..231349}.tar'))).toContain('"/none/000000.tar"');
  });
});

describe('a tar', () => {
  it.each(['-1536', 'abc', '', '1e3', '99999999999999999999'])('whose extended header says size=%s', async (size) => {
    const path = await fileOf(
      'a.tar',
      tarOf([
        ['P', pax(`size=${size}`), 'x'],
        ['a.png', await colourPng([0, 0, 0])],
      ]),
    );
    expect(await refusalOf(() => openWebDataset(path))).toContain(
      'the size in an extended header must be a whole number',
    );
  });

  it('whose extended header says the right size', async () => {
    const png = await colourPng([0, 0, 0]);
    const path = await fileOf(
      'a.tar',
      tarOf([
        ['P', pax(`size=${png.length}`), 'x'],
        ['a.png', png],
      ]),
    );
    expect((await openWebDataset(path)).length).toBe(1);
  });

  it('whose extended header, or text, has megabytes', async () => {
    const long = 'a'.repeat(2 ** 20 + 1);
    const png = await colourPng([0, 0, 0]);
    const header = await fileOf(
      'a.tar',
      tarOf([
        ['P', long, 'x'],
        ['a.png', png],
      ]),
    );
    expect(await refusalOf(() => openWebDataset(header))).toContain('an extended header may have 1048576 bytes');
    const text = await fileOf(
      'a.tar',
      tarOf([
        ['a.png', png],
        ['a.txt', long],
      ]),
    );
    expect(await refusalOf(() => openWebDataset(text))).toContain('a text may have 1048576 bytes');
  });

  it('that is packed and unpacks without end', async () => {
    const piece = gzipSync(Buffer.alloc(2 ** 26), { level: 9 });
    const path = await fileOf('a.tar.gz', Buffer.concat(Array<Buffer>(7).fill(piece)));
    expect(await refusalOf(() => openWebDataset(path))).toContain('may hold 384 MB, and this holds more');
  });
});

describe('an image', () => {
  const decode = (source: Uint8Array) => decodeSquare({ source, size: 4, name: 'a.png' });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['SVG after white space', '\ufeff  \n<?xml version="1.0"?><svg/>'],
  ])('that is %s is named', async (_, text) => {
    expect(await refusalOf(() => decode(Buffer.from(text)))).toContain('a.png: SVG is not read');
  });

  it.each(['', 'hello', '%PDF-1.7', 'P9 1 1 255 abc', 'BM\x36'])('of another kind (%j) is refused', async (text) => {
    expect(await refusalOf(() => decode(Buffer.from(text)))).toContain('must be a whole image file of a known format');
  });

  it('that is a pointer of Git LFS is called that', async () => {
    const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1\n`);
    expect(await refusalOf(() => decode(pointer))).toContain('a.png: is a Git LFS pointer');
  });

  it.each([
    ['zTXt', 'a\0\0'],
    ['iTXt', 'a\0\u0001\0en\0titre\0'],
    ['iCCP', 'a\0\0'],
  ])('with texts (%s) that unpack without end is refused before a library opens it', async (type, names) => {
    const data = Buffer.concat([Buffer.from(names, 'latin1'), deflateSync(Buffer.alloc(2 ** 22), { level: 9 })]);
    const png = await colourPng([255, 0, 0]);
    const withTexts = (count: number): Buffer =>
      Buffer.concat([png.subarray(0, 33), ...Array<Buffer>(count).fill(chunk(type, data)), png.subarray(33)]);
    for (const source of [withTexts(5), await fileOf('a.png', withTexts(5))])
      expect(await refusalOf(() => decodeSquare({ source, size: 4, name: 'a.png' }))).toContain(
        'a.png: the texts in an image may have 16 MB, and have more',
      );
    if (type !== 'iCCP') expect(await decode(withTexts(1))).toHaveLength(48);
  });

  it('of more pixels than memory holds is refused before it is decoded', async () => {
    expect(await refusalOf(() => decode(hugePng(16_383, 16_383)))).toContain('got "16383x16383 pixels"');
  });

  it('of 100 megapixels is decoded, as far as it goes', async () => {
    expect(await refusalOf(() => decode(hugePng(11_648, 8_736)))).toContain('must be a whole image file, got a.png');
  });

  it('waits while others fill memory', async () => {
    let running = 0;
    let most = 0;
    const source = hugePng(7_000, 7_000); // 140 MB each: two fit
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    };
    await Promise.all(Array.from({ length: 6 }, async () => withImage({ source, name: 'a' }, work)));
    expect(most).toBe(2);
  });
});

describe('budgetOf', () => {
  it('lets in who came first, goes on after a failure, and lets what is too large run alone', async () => {
    const { during } = budgetOf(10);
    const order: string[] = [];
    const step = (name: string, amount: number, fails = false) =>
      during(amount, async () => {
        order.push(`+${name}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        order.push(`-${name}`);
        if (fails) throw new Error(name);
      }).catch((error: unknown) => expect(String(error)).toBe('Error: a'));
    await Promise.all([step('a', 8, true), step('b', 20), step('c', 1)]);
    expect(order).toEqual(['+a', '-a', '+b', '-b', '+c', '-c']);
  });
});
