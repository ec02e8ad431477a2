import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { beforeAll, describe, expect, it } from 'vitest';
import { openImageFolder, setSummary, type ImageSet } from '@lascaux/data';
import { colourPng, temporaryFolder, writeFiles } from './helpers.js';

let red: Buffer;
beforeAll(async () => {
  red = await colourPng([255, 0, 0]);
});

const folderOf = async (files: Record<string, string | Uint8Array>): Promise<string> => {
  const folder = await temporaryFolder();
  await writeFiles(folder, files);
  return folder;
};

/** `name=caption` of every picture. */
const captions = (set: ImageSet): string[] =>
  Array.from({ length: set.length }, (_, i) => `${set.fileName(i)}=${set.caption(i)}`);

const utf16 = (text: string, isBig = false): Buffer => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};

describe('metadata in folders', () => {
  it("reads each folder's own, and counts pictures that none names", async () => {
    const folder = await folderOf({
      'one/a.png': red,
      'one/metadata.jsonl': '{"file_name":"a.png","text":"caption of one","score":NaN}',
      'two/deep/b.png': red,
      'two/c.png': red,
      'two/metadata.csv': 'file_name,text\ndeep/b.png,caption of two\n',
    });
    const set = await openImageFolder(folder);
    expect(captions(set)).toEqual(['one/a.png=caption of one', 'two/deep/b.png=caption of two']);
    expect(set.extra(0)).toEqual({ score: null });
    expect(set.leftOut).toEqual([
      { kind: 'images that no metadata names', count: 1, example: 'two/c.png', isImage: true },
    ]);
  });

  it('lets the nearer of two metadata files speak', async () => {
    const set = await openImageFolder(
      await folderOf({
        'b.png': red,
        'one/a.png': red,
        'metadata.csv': 'file_name,text\none/a.png,from afar\nb.png,root\n',
        'one/metadata.csv': 'file_name,text\na.png,from near\n',
      }),
    );
    expect(captions(set)).toEqual(['b.png=root', 'one/a.png=from near']);
  });

  it('reads metadata.parquet, and metadata in UTF-16', async () => {
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: 'file_name', data: ['a.png', 'b.png'], type: 'STRING' },
        { name: 'text', data: ['caf\u00e9', null], type: 'STRING' },
        { name: 'label', data: [1n, 2n], type: 'INT64' },
      ],
    });
    const files = { 'a.png': red, 'b.png': red };
    const set = await openImageFolder(await folderOf({ ...files, 'metadata.parquet': new Uint8Array(parquet) }));
    expect(captions(set)).toEqual(['a.png=caf\u00e9', 'b.png=']);
    expect(set.extra(1)).toEqual({ label: 2 });
    const csv = await openImageFolder(
      await folderOf({ ...files, 'metadata.csv': utf16('file_name,text\na.png,caf\u00e9\nb.png,x\n') }),
    );
    expect(csv.caption(0)).toBe('caf\u00e9');
    expect(setSummary(set)).toEqual(['2 images, captions: 1 from metadata, 1 without']);
  });
});

describe('caption files', () => {
  it('decodes UTF-8 and UTF-16 by their byte order marks', async () => {
    const set = await openImageFolder(
      await folderOf({
        ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.png`, red])),
        'a.txt': '\uFEFFcaf\u00e9',
        'b.txt': utf16('caf\u00e9'),
        'c.txt': utf16('caf\u00e9', true),
        'd.txt': '',
      }),
    );
    expect(captions(set)).toEqual(['a.png=caf\u00e9', 'b.png=caf\u00e9', 'c.png=caf\u00e9', 'd.png=']);
    expect(setSummary(set)).toEqual(['4 images, captions: 3 from caption files, 1 without']);
  });

  it.each([
    ['Latin-1', Buffer.from('caf\u00e9', 'latin1'), 'bytes in another encoding'],
    ['UTF-16 without a mark', Buffer.from('cat', 'utf16le'), 'NUL characters'],
    ['UTF-32', Buffer.from('fffe000063000000', 'hex'), 'UTF-32'],
    ['half a pair', Buffer.from('fffe00d8', 'hex'), 'broken UTF-16'],
  ])('names the file that holds %s', async (_, bytes, got) => {
    const folder = await folderOf({ 'a.png': red, 'a.txt': bytes });
    await expect(openImageFolder(folder)).rejects.toThrow(
      `${join(folder, 'a.txt')}: must be text in UTF-8, or in UTF-16 with a byte order mark, got ${got}`,
    );
  });

  it('reads .caption files, .txt first, and counts those without a picture', async () => {
    const set = await openImageFolder(
      await folderOf({
        'a.png': red,
        'a.caption': 'a cat',
        'b.png': red,
        'b.TXT': 'a dog',
        'b.caption': 'not this',
        'c.caption': 'lost',
      }),
    );
    expect(captions(set)).toEqual(['a.png=a cat', 'b.png=a dog']);
    expect(setSummary(set)).toEqual([
      '2 images, captions: 2 from caption files; left out: 1 caption file without an image (c.caption)',
    ]);
  });

  it('refuses a caption file that is no caption', async () => {
    const folder = await folderOf({ 'a.png': red, 'a.txt': 'x'.repeat(2 ** 20 + 1) });
    await expect(openImageFolder(folder)).rejects.toThrow('text may have 1048576 bytes, got 1048577');
  });
});

describe('folders named N_name', () => {
  const files = (): Record<string, string | Uint8Array> => ({
    '3_sks cat/0.png': red,
    '3_sks cat/1.png': red,
    '1_cat/0.png': red,
  });

  it('gives the name as caption, and N repeats where they are asked for', async () => {
    const folder = await folderOf(files());
    expect(captions(await openImageFolder(folder))).toEqual([
      '1_cat/0.png=cat',
      '3_sks cat/0.png=sks cat',
      '3_sks cat/1.png=sks cat',
    ]);
    const repeated = await openImageFolder(folder, { repeats: true });
    expect(repeated.length).toBe(7);
    expect(captions(repeated).filter((text) => text === '3_sks cat/1.png=sks cat')).toHaveLength(3);
    expect(repeated.notes).toEqual([
      'folders are named N_name: their images are seen N times ("cat" 1 times, "sks cat" 3 times)',
    ]);
  });

  it('prefers caption files', async () => {
    const set = await openImageFolder(await folderOf({ ...files(), '3_sks cat/1.caption': 'a cat on a mat' }));
    expect([set.caption(1), set.caption(2)]).toEqual(['sks cat', 'a cat on a mat']);
    expect([set.captionSourceOf(1), set.captionSourceOf(2)]).toEqual(['class', 'sidecar']);
  });

  it.each([
    [
      ['0_plane', '1_car'],
      ['plane', 'car'],
    ],
    [
      ['1_plane', '2_car', '3_bird'],
      ['plane', 'car', 'bird'],
    ],
    [
      ['2019_paris', '2020_rome'],
      ['2019 paris', '2020 rome'],
    ],
  ])('repeats nothing in %j', async (folders, names) => {
    const folder = await folderOf(Object.fromEntries(folders.map((name) => [`${name}/a.png`, red])));
    const set = await openImageFolder(folder, { repeats: true });
    expect(captions(set)).toEqual(folders.map((name, i) => `${name}/a.png=${names[i]}`));
    expect(set.extra(0)).toEqual({ label: folders[0] });
  });
});

describe('what is left out', () => {
  it('counts endings, hidden files apart', async () => {
    const folder = await folderOf({
      'a.jfif': red,
      'b.heic': 'x',
      'deep/c.HEIC': 'x',
      'd.mp4': 'x',
      '._a.jfif': 'x',
      'notes.md': '',
      LICENSE: '',
      'real/e.png': red,
    });
    await symlink(join(folder, 'real'), join(folder, 'linked'));
    const set = await openImageFolder(folder);
    expect(captions(set)).toEqual(['a.jfif=', 'real/e.png=']);
    expect(setSummary(set, { captions: false })).toEqual([
      '2 images; left out: 1 linked folder, not followed (linked), ' +
        '2 .heic files (b.heic; HEIC is not supported, convert it to JPEG), 1 .mp4 file (d.mp4)',
    ]);
    expect(set.leftOut.map(({ isImage }) => isImage)).toEqual([true, true, false]);
  });

  it('says what there is instead of pictures', async () => {
    await expect(openImageFolder(await folderOf({ 'a.heic': 'x', 'b.tar': 'x' }))).rejects.toThrow(
      '(left out: 1 .heic file (a.heic; HEIC is not supported, convert it to JPEG), 1 .tar file (b.tar))',
    );
  });
});

describe('splits without a training split', () => {
  it('are splits when there are no other folders', async () => {
    const folder = await folderOf({ 'val/a.png': red, 'test/b.png': red });
    const set = await openImageFolder(folder, { split: 'test' });
    expect(captions(set)).toEqual(['b.png=']);
    expect(set.notes).toEqual(['only test/ is read, not val/']);
    await expect(openImageFolder(folder)).rejects.toThrow('(validation, test), got none');
  });

  it('are read when there is only one, and classes beside others', async () => {
    expect(captions(await openImageFolder(await folderOf({ 'test/b.png': red })))).toEqual(['b.png=']);
    const classes = await openImageFolder(await folderOf({ 'test/b.png': red, 'cat/a.png': red }));
    expect(captions(classes)).toEqual(['cat/a.png=cat', 'test/b.png=test']);
  });
});
