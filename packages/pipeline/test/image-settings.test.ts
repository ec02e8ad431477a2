import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeImage, insertPngText, readImageInformation } from '@lascaux/pipeline/image';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPngChunks, writePngChunks } from '../src/image/png-chunks.js';
import { readUserComment } from '../src/image/exif-comment.js';

let root: string;
let plain: Uint8Array;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-settings-'));
  plain = await encodeImage({ pixels: new Uint8Array(12), width: 2, height: 2 }, 'png');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const pathOf = async (bytes: Uint8Array, name = 'a.png'): Promise<string> => {
  const path = join(root, name);
  await writeFile(path, bytes);
  return path;
};
const withTexts = (texts: Record<string, string>): Uint8Array =>
  Object.entries(texts).reduce((png, [keyword, text]) => insertPngText(png, keyword, text), plain);
const read = async (texts: Record<string, string>) => readImageInformation(await pathOf(withTexts(texts)));

const settings = {
  prompt: 'a fox',
  negativePrompt: 'blurry',
  values: { Steps: '30', Sampler: 'euler', 'CFG scale': '7.5', Seed: '77', Size: '512x640', Model: 'm' },
};
const common = { steps: 30, seed: 77, width: 512, height: 640 };

/** A ComfyUI graph; `more` adds nodes. */
const graph = (more = ''): string =>
  `{"3":{"class_type":"KSampler","inputs":{"seed":77,"steps":30,"cfg":7.5,"sampler_name":"euler","scheduler":"karras","model":["10",0],"positive":["6",0],"negative":["7",0],"latent_image":["5",0]}},
  "4":{"class_type":"CheckpointLoaderSimple","inputs":{"ckpt_name":"m"}},
  "10":{"class_type":"LoraLoader","inputs":{"lora_name":"l","model":["4",0]}},
  "5":{"class_type":"EmptyLatentImage","inputs":{"width":512,"height":640}},
  "6":{"class_type":"CLIPTextEncode","inputs":{"text":"a fox"}},
  "7":{"class_type":"CLIPTextEncode","inputs":{"text":"blurry"}},
  "9":{"class_type":"SaveImage","inputs":{"is_changed":NaN}}${more}}`;

describe('settings of other programs', () => {
  it.each([
    [
      'SwarmUI',
      {
        parameters: JSON.stringify({
          sui_image_params: {
            ...common,
            prompt: 'a fox',
            negativeprompt: 'blurry',
            sampler: 'euler',
            cfgscale: 7.5,
            model: 'm',
          },
        }),
      },
    ],
    [
      'Fooocus',
      {
        parameters: JSON.stringify({
          base_model: 'm',
          prompt: 'a fox',
          negative_prompt: 'blurry',
          resolution: '(512, 640)',
          sampler: 'euler',
          guidance_scale: 7.5,
          seed: '77',
          steps: 30,
        }),
      },
    ],
    [
      'InvokeAI',
      {
        invokeai_metadata: JSON.stringify({
          ...common,
          positive_prompt: 'a fox',
          negative_prompt: 'blurry',
          cfg_scale: 7.5,
          scheduler: 'euler',
          model: { name: 'm' },
        }),
      },
    ],
    [
      'NovelAI',
      {
        Software: 'NovelAI',
        Source: 'm',
        Description: 'a fox',
        Comment: JSON.stringify({ ...common, uc: 'blurry', sampler: 'euler', scale: 7.5 }),
      },
    ],
  ])('reads those of %s', async (program, texts) => {
    const found = await read(texts);
    expect(found.settings).toEqual({ program, ...settings });
    expect(found.parameters).toBeUndefined();
  });

  it('reads a graph of ComfyUI with one sampler', async () => {
    const { settings: found } = await read({ prompt: graph(), workflow: '{}' });
    expect(found).toEqual({ program: 'ComfyUI', ...settings, values: { ...settings.values, Sampler: 'euler karras' } });
  });

  it('lists the texts of what it cannot read', async () => {
    const two = graph(',"33":{"class_type":"KSampler","inputs":{}}');
    const path = await pathOf(withTexts({ prompt: two, Title: 'x' }));
    expect(await readImageInformation(path)).toEqual({
      format: 'png',
      width: 2,
      height: 2,
      texts: { prompt: two, Title: 'x' },
    });
  });

  it('is not led in circles by a graph', async () => {
    const text =
      '{"1":{"class_type":"KSampler","inputs":{"positive":["2",0]}},"2":{"inputs":{"conditioning":["2",0]}}}';
    expect((await read({ prompt: text })).settings).toBeUndefined();
  });
});

describe('PNG texts', () => {
  it('are UTF-8 where they can be, else Latin-1', async () => {
    const chunks = readPngChunks(plain);
    const store = async (encoding: 'utf8' | 'latin1') => {
      const data = Buffer.concat([Buffer.from('parameters\0', 'latin1'), Buffer.from('caf\u00e9', encoding)]);
      const png = writePngChunks([chunks[0]!, { type: 'tEXt', data }, ...chunks.slice(1)]);
      return (await readImageInformation(await pathOf(png))).parameters;
    };
    expect([await store('utf8'), await store('latin1')]).toEqual(['caf\u00e9', 'caf\u00e9']);
  });

  it('end with the image; what follows the file is nothing', async () => {
    const png = Buffer.concat([withTexts({ parameters: 'a fox' }), Buffer.from('something else entirely')]);
    expect((await readImageInformation(await pathOf(png))).parameters).toBe('a fox');
  });
});

describe('EXIF comments', () => {
  /** An EXIF block whose only entry is the folder with this comment. */
  const block = (comment: Buffer, little: boolean): Buffer => {
    const bytes = Buffer.alloc(44);
    const put = (at: number, value: number, size: 2 | 4): number =>
      little ? bytes.writeUIntLE(value, at, size) : bytes.writeUIntBE(value, at, size);
    const entry = (at: number, [tag, type, count, value]: readonly number[]): void => {
      put(at, tag!, 2);
      put(at + 2, type!, 2);
      put(at + 4, count!, 4);
      put(at + 8, value!, 4);
    };
    bytes.write(little ? 'II' : 'MM', 'latin1');
    put(2, 42, 2);
    put(4, 8, 4);
    put(8, 1, 2);
    entry(10, [0x8769, 4, 1, 26]);
    put(26, 1, 2);
    entry(28, [0x9286, 7, 8 + comment.length, 44]);
    return Buffer.concat([bytes, Buffer.from('UNICODE\0', 'latin1'), comment]);
  };
  const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

  it.each(['a fox\nSteps: 20', '\u96ea\u4e2d\u72d0\u72f8', 'caf\u00e9 \u72d0'])(
    'are read in every order: %j',
    (text) => {
      expect(readUserComment(block(swapped(text), false))).toBe(text);
      expect(readUserComment(block(Buffer.from(text, 'utf16le'), true))).toBe(text);
      expect(readUserComment(block(swapped(`\uFEFF${text}`), true))).toBe(text);
      expect(readUserComment(block(Buffer.from(`\uFEFF${text}`, 'utf16le'), false))).toBe(text);
      expect(readUserComment(block(Buffer.from(text, 'utf8'), false))).toBe(text);
    },
  );

  it('with some English are read whatever the block says', () => {
    const text = 'a fox \u96ea\u4e2d';
    expect(readUserComment(block(swapped(text), true))).toBe(text);
    expect(readUserComment(block(Buffer.from(text, 'utf16le'), false))).toBe(text);
  });

  it('of other programs are read in JPEG too', async () => {
    const json = JSON.stringify({ sui_image_params: { prompt: 'a fox' } });
    const jpeg = await sharp(Buffer.from(plain))
      .withExif({ IFD2: { UserComment: json } })
      .jpeg()
      .toBuffer();
    const { settings: found } = await readImageInformation(await pathOf(jpeg, 'a.jpg'));
    expect(found).toEqual({ program: 'SwarmUI', prompt: 'a fox', negativePrompt: '', values: {} });
  });
});
