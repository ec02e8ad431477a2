import type { RgbPicture } from '../index.js';
import { hasTransparency, withImage } from '@lascaux/data';
import { LascauxError } from '@lascaux/nn';
import type { Sharp } from 'sharp';

/** What happens to transparency: `ignore` takes the colours below it, as Pillow's `convert('RGB')` does. */
export type AlphaRule = 'ignore' | 'white';

/**
 * Any picture as RGB bytes at full size, as Pillow's `Image.open(…).convert('RGB')` gives it, since figures are compared with those of tools
 * that use it: EXIF orientation and colour profiles are left alone, the first frame of an animation, grey in all three channels, the high
 * byte of 16 bits, CMYK by Pillow's formula. Runs in a thread of libuv's pool. `onTransparent` is told the name of a picture with transparent
 * parts.
 *
 * @throws LascauxError naming the picture when it is none, or cut short.
 */
export async function decodePicture(
  bytes: Uint8Array,
  { name, alpha, onTransparent }: { name: string; alpha: AlphaRule; onTransparent?: (name: string) => void },
): Promise<RgbPicture> {
  try {
    const options = { failOn: 'error', pages: 1, ignoreIcc: true } as const;
    return await withImage({ source: bytes, name, options }, async (image, { space }) => {
      if (space === 'cmyk') return decodeCmyk(image);
      if (onTransparent && (await hasTransparency(image))) onTransparent(name);
      return decodeRgb(image, alpha);
    });
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const reason = (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, ' ').trim();
    throw new LascauxError({ operation: name, rule: `must be a whole picture file (${reason})`, cause });
  }
}

async function decodeRgb(source: Sharp, alpha: AlphaRule): Promise<RgbPicture> {
  const opaque = alpha === 'white' ? source.flatten({ background: '#ffffff' }) : source.removeAlpha();
  const { data, info } = await opaque
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

async function decodeCmyk(source: Sharp): Promise<RgbPicture> {
  const { data, info } = await source
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(info.width * info.height * 3);
  for (let i = 0; i < info.width * info.height; i++) {
    const at = i * info.channels;
    const light = 255 - (data[at + 3] ?? 0);
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = light - scaled(data[at + c] ?? 0, light);
  }
  return { pixels, width: info.width, height: info.height };
}

/** a·b/255, rounded, in integers. */
function scaled(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
