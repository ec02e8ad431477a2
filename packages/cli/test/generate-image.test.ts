import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkModel, temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { encodeImage, parseParameters, readPngTexts } from '@lascaux/pipeline/image';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

describe('generate --image', () => {
  it('says in one line that a file is missing, broken, or too long and thin', async () => {
    const folder = await temporaryFolder();
    const [none, text, long] = ['none.png', 'text.png', 'long.png'].map((name) => join(folder, name));
    await writeFile(text!, 'no picture');
    await sharp({ create: { width: 9000, height: 1, channels: 3, background: 'red' } }).toFile(long!);
    const model = await tinyModel();
    for (const [image, complaint] of [
      [none!, `error: --image: no such file, got "${none}"`],
      [text!, /^error: --image: \S+text.png: must be a whole image file of a known format, got "bytes 6e 6f 20 70"/],
      [
        long!,
        /^error: --image: too long and thin .* name width and height, got "\d+x2" \(accepted: sides of 8 to 2048\)$/,
      ],
    ] as const) {
      const argv = ['generate', 'a cat', '--model', model, '--image', image, '--out', join(folder, 'out.png')];
      expect(await runCaptured(argv)).toEqual({
        exitCode: 2,
        notes: [typeof complaint === 'string' ? complaint : expect.stringMatching(complaint)],
        results: [],
      });
    }
  });

  it('repaints a file at the shape of the picture', async () => {
    const model = await networkModel();
    const folder = await temporaryFolder();
    const [source, drawn, out] = ['in.png', 'mask.png', 'out.png'].map((name) => join(folder, name));
    await sharp({ create: { width: 60, height: 30, channels: 4, background: '#ff000080' } }).toFile(source!);
    await writeFile(
      drawn!,
      await encodeImage({ width: 2, height: 1, pixels: Uint8Array.of(255, 255, 255, 0, 0, 0) }, 'png'),
    );
    const argv = [
      'generate',
      'a cat',
      '--model',
      model,
      '--image',
      source!,
      '--mask',
      drawn!,
      '--out',
      out!,
      '--strength',
      '0.9',
    ];
    // 16 × 16 pixels in the shape 2 : 1, in multiples of 2
    expect(await runCaptured(argv)).toEqual({
      exitCode: 0,
      notes: ['note: --image: white was laid behind the transparent parts'],
      results: [`${out} (22x12, seed 0)`],
    });
    const { values } = parseParameters(readPngTexts(await readFile(out!)).parameters!);
    expect(values).toMatchObject({ 'Denoising strength': '0.9', Size: '22x12' });
  });
});
