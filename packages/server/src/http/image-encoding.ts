import { encodeImage, type ImageEncoding } from '@lascaux/pipeline/image';
import type { Picture } from '@lascaux/pipeline';

/** An image file as base64 text. */
export async function base64Of(image: Picture, encoding: ImageEncoding, parameters?: string): Promise<string> {
  const bytes = await encodeImage(image, encoding, parameters);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
