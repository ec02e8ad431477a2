import type { ImageEncoding } from '@lascaux/pipeline/image';
import { z } from 'zod';
import type { PaintedImage } from '../painting/painter.js';
import { parameterOf } from '../http/api-error.js';
import { base64Of } from '../http/image-encoding.js';
import type { ImageParameters } from './image-parameters.js';

const noteReply = z.object({
  param: z.string().nullable().describe('The parameter that it is about.'),
  message: z.string(),
});

/** The answer to a request for images. */
export const imagesReply = z
  .object({
    created: z.int().describe('Seconds since 1970.'),
    data: z.array(
      z.object({
        b64_json: z.string().optional(),
        url: z.string().optional(),
        seed: z.int().describe('Repeats this image, alone.'),
      }),
    ),
    size: z.string(),
    output_format: z.enum(['png', 'jpeg', 'webp']),
    background: z.literal('opaque'),
    quality: z.literal('auto'),
    notes: z.array(noteReply).optional().describe('What the client should know about its request.'),
  })
  .meta({ id: 'Images' });

/** The answer to a request for images. */
export type ImagesReply = z.infer<typeof imagesReply>;

/** What every answer and event says about an image. */
export const imageFacts = (image: PaintedImage['image'], { format }: ImageEncoding) =>
  ({
    size: `${image.width}x${image.height}`,
    output_format: format,
    background: 'opaque',
    quality: 'auto',
  }) as const;

/** What the client should know about its request; nothing where there is nothing. */
export const notesOf = ({ notes }: PaintedImage): Pick<ImagesReply, 'notes'> =>
  notes.length === 0 ? {} : { notes: notes.map((note) => ({ param: parameterOf(note), message: note.text })) };

/** How the images of a request are encoded. OpenAI counts its compression as a quality: 100 keeps most. */
export function encodingOf({
  output_format: format = 'png',
  output_compression: quality,
}: ImageParameters): ImageEncoding {
  return { format, quality: quality === undefined ? undefined : Math.max(1, quality) };
}

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** The answer with images inside. */
export async function replyWithImages(images: readonly PaintedImage[], encoding: ImageEncoding): Promise<ImagesReply> {
  const data = await Promise.all(
    images.map(async ({ image, seed, parameters }) => ({
      b64_json: await base64Of(image, encoding, parameters),
      seed,
    })),
  );
  return { created: now(), data, ...imageFacts(images[0]!.image, encoding), ...notesOf(images[0]!) };
}
