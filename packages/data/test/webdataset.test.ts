import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { openImageSet, openWebDataset } from '@lascaux/data';
import { colourPng, tarOf, temporaryFolder, writeFiles } from './helpers.js';

let red: Buffer;
let blue: Buffer;
beforeAll(async () => {
  red = await colourPng([255, 0, 0]);
  blue = await colourPng([0, 0, 255]);
});

const shardOf = async (name: string, bytes: Uint8Array): Promise<string> => {
  const folder = await temporaryFolder();
  await writeFiles(folder, { [name]: bytes });
  return join(folder, name);
};

describe('openWebDataset', () => {
  it('groups consecutive members by key and reads pictures and captions', async () => {
    const path = await shardOf(
      'a.tar',
      tarOf([
        ['x/000.txt', 'a red one\n'],
        ['x/000.png', red],
        ['x/001.seg.png', red], // no field that is a picture's ending
        ['x/001.PNG', blue],
        ['x/001.json', '{"text":"a blue one","width":8}'],
        ['README', 'no dot'],
        ['x', '', '5'],
        ['x/002.txt', 'no picture'],
      ]),
    );
    const set = await openWebDataset(path);
    expect(set.length).toBe(2);
    expect([set.caption(0), set.caption(1)]).toEqual(['a red one', 'a blue one']);
    expect(set.fileName(1)).toBe('a.tar/x/001.PNG');
    expect(set.extra(1)).toEqual({ text: 'a blue one', width: 8 });
    expect(Buffer.from(await set.bytes(1)).equals(blue)).toBe(true);
    expect(set.origin(0)).toEqual({ file: path, offset: 1536 });
    expect([...(await set.pixels(0, 1))]).toEqual([255, 0, 0]);
    expect([...(await set.pixels(1, 1))]).toEqual([0, 0, 255]);
  });

  it('reads several shards, packed ones, and archives one behind the other', async () => {
    const folder = await temporaryFolder();
    const both = Buffer.concat([tarOf([['0.png', red]]), tarOf([['1.png', blue]])]);
    await writeFiles(folder, {
      's-08.tar': both,
      's-09.tar': tarOf([['2.png', red]]),
      's-10.tar': tarOf([['3.png', red]]),
    });
    await writeFiles(folder, {
      'p.tar.gz': gzipSync(
        tarOf([
          ['4.png', blue],
          ['4.txt', 'packed'],
        ]),
      ),
    });
    const set = await openWebDataset([join(folder, 's-{08..10}.tar'), join(folder, 'p.tar.gz')]);
    expect(Array.from({ length: 5 }, (_, i) => set.fileName(i))).toEqual([
      's-08.tar/0.png',
      's-08.tar/1.png',
      's-09.tar/2.png',
      's-10.tar/3.png',
      'p.tar.gz/4.png',
    ]);
    expect([...(await set.pixels(4, 1))]).toEqual([0, 0, 255]);
    expect(set.caption(4)).toBe('packed');
  });

  it('reads long names: ustar prefix, pax and GNU', async () => {
    const long = `${'d'.repeat(120)}/a`;
    const record = ` path=${long}.png\n`;
    const pax = `${record.length + 3}${record}`;
    const gnu = `${long}b.png\0`;
    const tar = tarOf([
      ['pax', pax, 'x'],
      ['short.png', red],
      ['././@LongLink', gnu, 'L'],
      ['short.png', blue],
    ]);
    const set = await openWebDataset(await shardOf('long.tar', tar));
    expect([set.fileName(0), set.fileName(1)]).toEqual([`long.tar/${long}.png`, `long.tar/${long}b.png`]);
  });

  it('says what is wrong with an archive', async () => {
    const whole = tarOf([
      ['0.png', red],
      ['0.txt', 'x'],
    ]);
    const cut = await shardOf('cut.tar', whole.subarray(0, 520));
    await expect(openWebDataset(cut)).rejects.toThrow(`got ${cut} cut off inside "0.png"`);
    const junk = await shardOf('junk.tar', Buffer.alloc(1024, 'x'));
    await expect(openWebDataset(junk)).rejects.toThrow('header checksum must match');
    const half = await shardOf('half.tar', Buffer.alloc(100, 'x'));
    await expect(openWebDataset(half)).rejects.toThrow('cut off at byte 100');
    const twice = await shardOf(
      'twice.tar',
      tarOf([
        ['0.png', red],
        ['0.png', red],
      ]),
    );
    await expect(openWebDataset(twice)).rejects.toThrow('each field once, got "0.png" twice');
    const json = await shardOf(
      'json.tar',
      tarOf([
        ['0.png', red],
        ['0.json', '[]'],
      ]),
    );
    await expect(openWebDataset(json)).rejects.toThrow('must be a JSON object, got "[]"');
    const empty = await shardOf('empty.tar', tarOf([]));
    await expect(openWebDataset(empty)).rejects.toThrow('at least one picture');
    await expect(openWebDataset('/none.tar')).rejects.toThrow('must be a readable tar, got "/none.tar"');
    await expect(openWebDataset('{3..1}.tar')).rejects.toThrow('a brace range must rise');
    const packed = await shardOf('bad.tgz', Buffer.from('not packed'));
    await expect(openWebDataset(packed)).rejects.toThrow('cut off at byte 10');
    const zstd = await shardOf('a.tar.zst', Buffer.from('28b52ffd0000', 'hex'));
    await expect(openWebDataset(zstd)).rejects.toThrow('it is packed by zstd: unpack it');
  });

  it('names the member that is no picture', async () => {
    const set = await openWebDataset(await shardOf('a.tar', tarOf([['k.png', 'text']])));
    await expect(set.pixels(0, 4)).rejects.toThrow('a.tar/k.png: must be a whole image file');
  });
});

describe('what archives bring', () => {
  const open = async (members: Parameters<typeof tarOf>[0], options = {}) =>
    openWebDataset(await shardOf('a.tar', tarOf(members)), options);
  const captions = (set: Awaited<ReturnType<typeof open>>): string[] =>
    Array.from({ length: set.length }, (_, i) => `${set.fileName(i)}=${set.caption(i)}`);

  it('passes over names that begin with a dot', async () => {
    const set = await open([
      ['._0.png', 'x'],
      ['0.png', red],
      ['._0.txt', 'x'],
      ['0.txt', 'a red one'],
    ]);
    expect(captions(set)).toEqual(['a.tar/0.png=a red one']);
    expect([set.leftOut, set.notes]).toEqual([[], []]);
  });

  it('joins members whose keys come back later, and begins anew where a field does', async () => {
    const set = await open([
      ['0.png', red],
      ['1.png', blue],
      ['0.txt', 'a red one'],
      ['1.txt', 'a blue one'],
      ['0.png', blue],
      ['0.txt', 'another'],
    ]);
    expect(captions(set)).toEqual(['a.tar/0.png=a red one', 'a.tar/1.png=a blue one', 'a.tar/0.png=another']);
    expect(set.notes).toEqual(['2 keys come back later in their archive: their members were joined']);
  });

  it('reads names with dots', async () => {
    const set = await open([
      ['img.1.png', red],
      ['img.1.txt', 'first'],
      ['img.2.png', blue],
      ['img.2.txt', 'second'],
      ['x.seg.png', red],
      ['x.txt', 'shared'],
    ]);
    expect(captions(set)).toEqual(['a.tar/img.1.png=first', 'a.tar/img.2.png=second', 'a.tar/x.seg.png=shared']);
  });

  it('counts what has no image that is read', async () => {
    const set = await open([
      ['0.png', red],
      ['0.jpg', red],
      ['1.heic', 'x'],
      ['1.txt', 'lost'],
      ['1.seg.png', red], // a mask is no stand-in
      ['2.txt', 'no image'],
    ]);
    expect(captions(set)).toEqual(['a.tar/0.png=']);
    expect(set.leftOut.map(({ kind, count, isImage }) => [kind, count, isImage])).toEqual([
      ['further images of samples', 1, false],
      ['.heic files', 1, true],
      ['samples without an image', 1, false],
    ]);
  });

  it('reads json as Python writes it, and texts by their encoding', async () => {
    const set = await open([
      ['a.png', red],
      ['a.json', '\uFEFF{"caption":"NaN, \\"Infinity\\"","similarity":NaN,"x":[-Infinity]}'],
      ['b.png', red],
      ['b.json', ''],
      ['b.txt', Buffer.from('\uFEFFcaf\u00e9', 'utf16le')],
    ]);
    expect(captions(set)).toEqual(['a.tar/a.png=NaN, "Infinity"', 'a.tar/b.png=caf\u00e9']);
    expect(set.extra(0)).toEqual({ caption: 'NaN, "Infinity"', similarity: null, x: [null] });
    const latin = open([
      ['a.png', red],
      ['a.txt', Buffer.from('caf\u00e9', 'latin1')],
    ]);
    await expect(latin).rejects.toThrow(/a\.tar\/a\.txt: must be text .*, got bytes in another encoding/);
  });

  it('takes captions of a key of json', async () => {
    const members = [
      ['a.png', red],
      ['a.json', '{"prompt":"a red one"}'],
    ] as const;
    expect(captions(await open(members, { captionColumn: 'prompt' }))).toEqual(['a.tar/a.png=a red one']);
    await expect(open(members, { captionColumn: 'title' })).rejects.toThrow(
      'key of the field json (prompt), got "title"',
    );
  });

  it('knows gzip by its bytes', async () => {
    const members = tarOf([['0.png', red]]);
    expect((await openWebDataset(await shardOf('a.tar', gzipSync(members)))).length).toBe(1);
    expect((await openWebDataset(await shardOf('a.tar.gz', members))).length).toBe(1);
  });
});

describe('openImageSet', () => {
  it('opens archives by their ending, and folders otherwise', async () => {
    const members = tarOf([
      ['a.png', red],
      ['a.txt', 'a red one'],
    ]);
    for (const [name, bytes] of [
      ['a.tar', members],
      ['b.TAR.GZ', gzipSync(members)],
      ['c.tgz', gzipSync(members)],
    ] as const) {
      const set = await openImageSet(await shardOf(name, bytes));
      expect([set.length, set.captionSource, set.caption(0)]).toEqual([1, 'webdataset', 'a red one']);
    }
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'a.png': red, 'a.txt': 'a red one' });
    const set = await openImageSet(folder);
    expect([set.length, set.captionSource, set.caption(0)]).toEqual([1, 'sidecar', 'a red one']);
  });

  it('refuses what goes on with zeros', async () => {
    const folder = await temporaryFolder();
    const whole = tarOf([['0.png', red]]);
    await writeFiles(folder, { 'a.tar': whole, 'b.tar': whole });
    await truncate(join(folder, 'a.tar'), 2 ** 20);
    await truncate(join(folder, 'b.tar'), 2 ** 34);
    expect((await openWebDataset(join(folder, 'a.tar'))).length).toBe(1);
    await expect(openWebDataset(join(folder, 'b.tar'))).rejects.toThrow('must hold files, got nothing but zeros');
  });
});
