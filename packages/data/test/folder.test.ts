import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openImageFolder, splitFolders } from '@lascaux/data';
import { colourPng, temporaryFolder, writeFiles } from './helpers.js';

let red: Buffer;
let blue: Buffer;
beforeAll(async () => {
  red = await colourPng([255, 0, 0]);
  blue = await colourPng([0, 0, 255], 12, 6);
});

const folderOf = async (files: Record<string, string | Uint8Array>): Promise<string> => {
  const folder = await temporaryFolder();
  await writeFiles(folder, files);
  return folder;
};

describe('openImageFolder with metadata', () => {
  it('reads metadata.jsonl: captions, other columns, pixels', async () => {
    const rows = [
      { file_name: 'b.png', text: 'a blue one', style: 'flat' },
      { file_name: './deep/a.png', text: 'a red one' },
    ];
    const text = `\uFEFF${rows.map((row) => JSON.stringify(row)).join('\r\n')}\n\n`;
    const set = await openImageFolder(
      await folderOf({ 'b.png': blue, 'deep/a.png': red, 'c.png': red, 'metadata.jsonl': text }),
    );
    expect(set.length).toBe(2);
    expect(set.captionSource).toBe('metadata');
    expect([set.caption(0), set.caption(1)]).toEqual(['a blue one', 'a red one']);
    expect(set.fileName(1)).toBe('deep/a.png');
    expect(set.extra(0)).toEqual({ style: 'flat' });
    expect([...(await set.pixels(0, 2))]).toEqual([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255]);
    expect(Buffer.from(await set.bytes(1)).equals(red)).toBe(true);
    expect(set.origin(1)).toEqual({ file: expect.stringMatching(/deep.a\.png$/) as string, offset: 0 });
    expect(() => set.caption(2)).toThrow('index must be a whole number below 2, got 2');
    await expect(set.pixels(-1, 2)).rejects.toThrow('got -1');
  });

  it('reads metadata.csv with quoted commas and line breaks, and another caption column', async () => {
    const csv = 'file_name,prompt\na.png,"red, ""very"" red\nindeed"\n';
    const set = await openImageFolder(await folderOf({ 'a.png': red, 'metadata.csv': csv }), {
      captionColumn: 'prompt',
    });
    expect(set.caption(0)).toBe('red, "very" red\nindeed');
  });

  it('opens pictures without captions', async () => {
    const set = await openImageFolder(await folderOf({ 'a.png': red, 'metadata.jsonl': '{"file_name":"a.png"}' }));
    expect([set.captionSource, set.caption(0)]).toEqual(['none', '']);
  });

  it.each(['../a.png', '/etc/passwd', 'x/../../a.png', 'C:\\a.png', 'http://x/a.png', '..\\a.png', 'a\0.png'])(
    'refuses the path %j',
    async (path) => {
      const folder = await folderOf({ 'a.png': red, 'metadata.jsonl': JSON.stringify({ file_name: path }) });
      await expect(openImageFolder(folder)).rejects.toThrow('file_name must be a relative path inside the folder');
    },
  );

  it.each([
    ['metadata.jsonl', '{"file_name":"a.png"}\n{oops', 'each line must be a JSON object, got "{oops" at'],
    ['metadata.jsonl', '[1]', 'each line must be a JSON object'],
    ['metadata.jsonl', '{"image":"a.png"}', 'must have a text column file_name, got image at'],
    ['metadata.jsonl', '{"file_name":"b.png"}', 'must name files that exist, got "b.png"'],
    ['metadata.jsonl', '{"file_name":"a.png","text":5}', 'column text must be text, got 5'],
    ['metadata.jsonl', '', 'must hold at least one picture'],
    ['metadata.csv', 'file_name,text\na.png,"open', 'must be CSV with a header'],
    ['metadata.csv', 'name\na.png\n', 'must have a text column file_name, got name'],
    ['metadata.parquet', 'PAR1', 'must be a whole Parquet file ('],
  ])('says what is wrong with %s holding %j', async (name, content, message) => {
    const folder = await folderOf({ 'a.png': red, [name]: content });
    const error = { name: 'LascauxError', message: expect.stringContaining(message) as string };
    await expect(openImageFolder(folder)).rejects.toMatchObject(error);
  });

  it('names the caption columns there are', async () => {
    const folder = await folderOf({ 'a.png': red, 'metadata.jsonl': '{"file_name":"a.png","title":"x"}' });
    await expect(openImageFolder(folder, { captionColumn: 'text' })).rejects.toThrow('one of title, got "text"');
  });
});

describe('openImageFolder without metadata', () => {
  it('reads sidecar captions', async () => {
    const set = await openImageFolder(
      await folderOf({ 'a.png': red, 'a.txt': ' a red one\n', 'b.PNG': blue, 'notes.md': '' }),
    );
    expect(set.captionSource).toBe('sidecar');
    expect([set.length, set.caption(0), set.caption(1)]).toEqual([2, 'a red one', '']);
  });

  it('takes the folder names as classes', async () => {
    const set = await openImageFolder(
      await folderOf({ 'hot_dog/1.png': red, 'cat/1.png': blue, '.hidden/x.png': red }),
    );
    expect(set.captionSource).toBe('class');
    expect([set.fileName(0), set.caption(0)]).toEqual(['cat/1.png', 'cat']);
    expect([set.caption(1), set.extra(1)]).toEqual(['hot dog', { label: 'hot_dog' }]);
  });

  it('sees no classes in one folder or at different depths', async () => {
    const one = await openImageFolder(await folderOf({ 'cat/1.png': red, 'cat/2.png': red }));
    const mixed = await openImageFolder(await folderOf({ 'cat/1.png': red, '2.png': red }));
    expect([one.captionSource, mixed.captionSource]).toEqual(['none', 'none']);
  });

  it('follows links to pictures', async () => {
    const folder = await folderOf({ 'real/a.png': red });
    await symlink(join(folder, 'real/a.png'), join(folder, 'real/b.png'));
    expect((await openImageFolder(folder)).length).toBe(2);
  });

  it('says when a folder is missing or has no picture', async () => {
    await expect(openImageFolder('/no/such/folder')).rejects.toThrow(
      'must be a readable folder, got "/no/such/folder" (ENOENT)',
    );
    await expect(openImageFolder(await folderOf({ 'a.txt': '' }))).rejects.toThrow('at least one picture');
    await expect(openImageFolder(await folderOf({ 'a.png': red }), { captionColumn: 'x' })).rejects.toThrow(
      'needs metadata',
    );
  });
});

describe('splits', () => {
  it('opens train unless told otherwise', async () => {
    const folder = await folderOf({ 'train/a.png': red, 'train/b.png': red, 'val/c.png': blue, 'test/d.png': blue });
    expect(await splitFolders(folder)).toEqual({ train: 'train', validation: 'val', test: 'test' });
    expect((await openImageFolder(folder)).length).toBe(2);
    expect((await openImageFolder(folder, { split: 'validation' })).fileName(0)).toBe('c.png');
    expect((await openImageFolder(folder, { split: 'val' })).fileName(0)).toBe('c.png');
    await expect(openImageFolder(folder, { split: 'all' })).rejects.toThrow('(train, validation, test), got "all"');
  });

  it('has none where pictures lie in the folder itself', async () => {
    const folder = await folderOf({ 'a.png': red, 'train/a.png': red });
    expect(await splitFolders(folder)).toEqual({});
    await expect(openImageFolder(folder, { split: 'test' })).rejects.toThrow('(none), got "test"');
  });
});

describe('metadata that holds too much', () => {
  it.each([
    ['rows', 'metadata.jsonl', '\n'.repeat(1_000_001), 'metadata may have 1000000 rows'],
    ['values', 'metadata.csv', ','.repeat(16_000_001), 'metadata may have 16000000 values'],
  ])('is refused before it is parsed: %s', async (_, name, content, message) => {
    const folder = await folderOf({ 'a.png': red, [name]: content });
    await expect(openImageFolder(folder)).rejects.toThrow(message);
  });

  it('may have any number of commas within quotes', async () => {
    const caption = `${','.repeat(16_000_001)}\\"`;
    const folder = await folderOf({ 'a.png': red, 'metadata.jsonl': `{"file_name":"a.png","text":"${caption}"}` });
    expect((await openImageFolder(folder)).caption(0)).toHaveLength(16_000_002);
  });
});
