import type { FastifyReply } from 'fastify';
import { check } from '@lascaux/nn';
import { encodeImage } from '@lascaux/pipeline/image';
import { untilClientGone } from '../http/client-gone.js';
import { clientOf } from '../http/client-of.js';
import type { ImageOrder } from '../painting/paint-service.js';
import type { ServerParts } from '../server-parts.js';
import type { ImageCall } from './image-call.js';
import { encodingOf, imageFacts, notesOf, now, replyWithImages, type ImagesReply } from './image-reply.js';
import { streamImages } from './stream-images.js';

/**
 * Paints what a request asks for and answers in the form that it wants: JSON, events, or the bytes of the image.
 * @returns JSON for Fastify to send; undefined where the answer is sent already
 */
export async function answerImages(parts: ServerParts, call: ImageCall): Promise<ImagesReply | undefined> {
  const { request, reply, body, model, paint } = call;
  const { response_format: form = 'b64_json', n: count = 1 } = body;
  check(form !== 'file' || (count === 1 && body.stream !== true), {
    option: 'response_format',
    rule: 'file is the answer for one image, without events',
    kind: 'usage',
  });
  const signal = untilClientGone(reply);
  const order: ImageOrder = { model, client: clientOf(request), request: paint, count, signal };
  if (body.stream === true) return streamImages(parts, order, call);
  const images = await parts.service.paint(order);
  const encoding = encodingOf(body);
  if (form === 'b64_json') return replyWithImages(images, encoding);
  const files = await Promise.all(images.map(({ image, parameters }) => encodeImage(image, encoding, parameters)));
  if (form === 'file') return sendFile(reply, files[0]!, { format: encoding.format, seed: images[0]!.seed });
  const data = images.map(({ seed }, index) => {
    const name = parts.store.put({ bytes: files[index]!, format: encoding.format });
    return { url: `${parts.publicUrl ?? `${request.protocol}://${request.host}`}/v1/images/files/${name}`, seed };
  });
  return { created: now(), data, ...imageFacts(images[0]!.image, encoding), ...notesOf(images[0]!) };
}

function sendFile(
  reply: FastifyReply,
  bytes: Uint8Array,
  { format, seed }: { format: string; seed: number },
): undefined {
  void reply
    .header('content-type', `image/${format}`)
    .header('content-disposition', `attachment; filename="lascaux-${seed}.${format}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return undefined;
}
