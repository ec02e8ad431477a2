import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { temporaryFolder } from '@lascaux/model-fixtures';
import { LascauxError } from '@lascaux/nn';
import type { Picture } from '@lascaux/pipeline';
import {
  encodeImage,
  imageFormatOf,
  insertPngText,
  readImageInformation,
  readPicture,
  readPictureSize,
  readPngTexts,
  readTransparentMask,
} from '@lascaux/pipeline/image';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readPngChunks, writePngChunks } from '../src/image/png-chunks.js';

const picture: Picture = { width: 5, height: 3, pixels: Uint8Array.from({ length: 45 }, (_, i) => (i * 5) % 256) };
const texts = ['Steps: 1', 'a café, naïve', '一只猫 🐱\nNegative prompt: 狗'];

async function stored(bytes: Uint8Array, name: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return path;
}

describe('encodeImage', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('keeps the settings text in %s', async (format) => {
    for (const text of texts) {
      const path = await stored(await encodeImage(picture, format, text), `x.${format}`);
      expect(await readImageInformation(path)).toMatchObject({ format, width: 5, height: 3, parameters: text });
    }
  });

  it('writes PNG without loss and with a valid structure', async () => {
    const png = await encodeImage(picture, 'png', texts[2]);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([5, 3, 3]);
    expect(new Uint8Array(data)).toEqual(picture.pixels);
    const types = readPngChunks(png).map((chunk) => chunk.type);
    expect(types[0]).toBe('IHDR');
    expect(types.at(-1)).toBe('IEND');
    expect(types.indexOf('iTXt')).toBe(types.indexOf('IDAT') - 1);
  });

  it('gives the same bytes again', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      expect(await encodeImage(picture, format, 'a')).toEqual(await encodeImage(picture, format, 'a'));
    }
  });

  it('leaves out a text that EXIF cannot hold, and writes none when there is none', async () => {
    const path = await stored(await encodeImage(picture, 'jpeg', 'word '.repeat(10_000)), 'x.jpg');
    expect(await readImageInformation(path)).not.toHaveProperty('parameters');
    expect(readPngTexts(await encodeImage(picture, 'png'))).toEqual({});
  });
});

describe('PNG text', () => {
  it('uses tEXt for Latin-1 and iTXt beyond', async () => {
    const png = await encodeImage(picture, 'png');
    const typesWith = (text: string) => readPngChunks(insertPngText(png, 'parameters', text)).map(({ type }) => type);
    expect(typesWith('naïve')).toContain('tEXt');
    expect(typesWith('naïve')).not.toContain('iTXt');
    expect(typesWith('猫')).toContain('iTXt');
  });

  it('replaces an older text of the same keyword only', async () => {
    const png = insertPngText(await encodeImage(picture, 'png', 'old'), 'Title', 'kept');
    expect(readPngTexts(insertPngText(png, 'parameters', 'new'))).toEqual({ parameters: 'new', Title: 'kept' });
  });

  it('reads compressed texts', async () => {
    const chunks = readPngChunks(await encodeImage(picture, 'png'));
    const zTXt = Buffer.concat([Buffer.from('A\0\0'), deflateSync('latin é'.normalize(), {})]);
    const iTXt = Buffer.concat([Buffer.from('B\0\u0001\0en\0titre\0', 'latin1'), deflateSync('猫')]);
    chunks.splice(1, 0, { type: 'iTXt', data: iTXt }, { type: 'zTXt', data: zTXt });
    expect(readPngTexts(writePngChunks(chunks)).B).toBe('猫');
  });

  it('refuses broken files in one line', async () => {
    const png = Buffer.from(await encodeImage(picture, 'png', 'x'));
    expect(() => readPngTexts(png.subarray(0, 60))).toThrow('read PNG');
    expect(() => readPngTexts(Buffer.from('GIF89a'))).toThrow('PNG signature');
    png[40]! ^= 1;
    expect(() => readPngTexts(png)).toThrow('checksum');
  });

  it('refuses text that inflates without bound', () => {
    const bomb = Buffer.concat([Buffer.from('A\0\0'), deflateSync(Buffer.alloc(20_000_000))]);
    expect(() => readPngTexts(writePngChunks([{ type: 'zTXt', data: bomb }]))).toThrow('16 MB');
  });

  it('refuses many texts that inflate without bound together', () => {
    const text = Buffer.concat([Buffer.from('A\0\0'), deflateSync(Buffer.alloc(2 ** 22))]);
    const texts = Array.from({ length: 5 }, () => ({ type: 'zTXt', data: text }));
    expect(Object.keys(readPngTexts(writePngChunks(texts.slice(0, 4))))).toEqual(['A']);
    expect(() => readPngTexts(writePngChunks(texts))).toThrow('the texts may have 16 MB, and have more');
  });

  it('computes the checksum over type and data', () => {
    const [chunk] = [Buffer.from(writePngChunks([{ type: 'IEND', data: new Uint8Array() }]))];
    expect(chunk.readUInt32BE(16)).toBe(crc32('IEND'));
    expect(chunk.readUInt32BE(16)).toBe(0xae426082);
  });
});

describe('readImageInformation', () => {
  it('says in one line that a file is missing or no picture', async () => {
    await expect(readImageInformation('/nowhere.png')).rejects.toThrow('read picture: the file must be readable');
    await expect(readImageInformation(await stored(Buffer.from('text'), 'x.png'))).rejects.toThrow(
      'must be a whole image file',
    );
  });
});

describe('imageFormatOf', () => {
  it('goes by the extension', () => {
    expect(['a.PNG', 'b.jpg', 'c.jpeg', 'd.webp'].map((path) => imageFormatOf(path))).toEqual([
      'png',
      'jpeg',
      'jpeg',
      'webp',
    ]);
    expect(() => imageFormatOf('a.gif')).toThrow(/got "a.gif" \(accepted: .png, .jpg, .jpeg, .webp\)/);
    expect(() => imageFormatOf('cat')).toThrow('extension');
  });
});

describe('images that are bytes', () => {
  const size = { width: 2, height: 2 };
  const option = 'image';
  /** Left column opaque red, right column transparent. */
  const rgba = Buffer.from([255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0]);
  const bytes = async () =>
    new Uint8Array(
      await sharp(rgba, { raw: { ...size, channels: 4 } })
        .png()
        .toBuffer(),
    );

  it('are read as files are', async () => {
    const png = await bytes();
    expect(await readPictureSize(png, option)).toEqual(size);
    expect([...(await readPicture(png, size, { option })).pixels.slice(0, 6)]).toEqual([255, 0, 0, 255, 255, 255]);
    expect(await readImageInformation(png)).toMatchObject({ format: 'png', ...size });
  });

  it('mask what is transparent, and nothing where they are opaque', async () => {
    expect([...(await readTransparentMask(await bytes(), size, { option }))!.values]).toEqual([0, 255, 0, 255]);
    const opaque = await encodeImage({ ...size, pixels: new Uint8Array(12) }, 'png');
    expect(await readTransparentMask(opaque, size, { option })).toBeUndefined();
  });

  it('are refused in one line where they are none', async () => {
    const text = new TextEncoder().encode('no image at all');
    await expect(readPicture(text, size, { option })).rejects.toThrow(/^image: must be a whole image file.*got "bytes/);
    await expect(readTransparentMask(text, size, { option: 'mask' })).rejects.toThrow(/^mask: must be a whole image/);
    await expect(readImageInformation(text)).rejects.toThrow(LascauxError);
  });

  it('are smaller at a lower quality', async () => {
    const noise: Picture = {
      width: 64,
      height: 64,
      pixels: Uint8Array.from({ length: 12_288 }, (_, i) => (i * i) % 251),
    };
    const [low, high] = await Promise.all([10, 90].map((quality) => encodeImage(noise, { format: 'webp', quality })));
    expect(low!.length).toBeLessThan(high!.length);
    expect(await encodeImage(noise, { format: 'webp', quality: 95 })).toEqual(await encodeImage(noise, 'webp'));
  });
});
