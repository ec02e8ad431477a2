import type { ReportPicture, RgbPicture } from '../../index.js';
import sharp from 'sharp';

/** Longest side of an embedded picture, and the side up to which it is kept without loss. */
const [LARGEST_SIDE, EXACT_SIDE] = [192, 96];

/** A small copy of a picture as a data address (WebP). */
export async function embedPicture(picture: RgbPicture, alternative: string): Promise<ReportPicture> {
  const { pixels, width, height } = picture;
  const exact = Math.max(width, height) <= EXACT_SIDE;
  const { data, info } = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: LARGEST_SIDE, height: LARGEST_SIDE, fit: 'inside', withoutEnlargement: true })
    .webp(exact ? { lossless: true } : { quality: 82 })
    .toBuffer({ resolveWithObject: true });
  const source = `data:image/webp;base64,${data.toString('base64')}`;
  return { source, width: info.width, height: info.height, alternative };
}
