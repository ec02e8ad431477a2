import type { Mask, Picture } from '@lascaux/pipeline/core';
import type { Size } from '../backend/backend.js';

/** A picture's pixels as a PNG. */
export async function pngOf({ pixels, width, height }: Picture): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    image.data.set(pixels.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    image.data[4 * pixel + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** A picture file as RGB of this size, transparency over white. */
export async function readPicture(file: Blob, size: Size): Promise<Picture> {
  const data = await drawn(file, size, (context) => {
    context.fillStyle = '#fff';
    context.fillRect(0, 0, size.width, size.height);
    context.imageSmoothingQuality = 'high';
  });
  const pixels = new Uint8Array(3 * size.width * size.height);
  for (let pixel = 0; pixel < size.width * size.height; pixel++)
    pixels.set(data.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
  return { pixels, ...size };
}

/** A mask file: what is transparent is painted anew. */
export async function readMask(file: Blob, size: Size): Promise<Mask> {
  const data = await drawn(file, size, (context) => (context.imageSmoothingEnabled = false));
  return {
    values: Uint8Array.from({ length: size.width * size.height }, (_, pixel) => 255 - data[4 * pixel + 3]!),
    ...size,
  };
}

async function drawn(
  file: Blob,
  { width, height }: Size,
  prepare: (context: OffscreenCanvasRenderingContext2D) => void,
) {
  const bitmap = await createImageBitmap(file);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  prepare(context);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height).data;
}
