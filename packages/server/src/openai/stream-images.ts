import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Picture } from '@lascaux/pipeline';
import { replyOf } from '../http/api-error.js';
import { EventStream, sendEvents } from '../http/event-stream.js';
import { base64Of } from '../http/image-encoding.js';
import type { PaintedImage } from '../painting/painter.js';
import type { ImageOrder } from '../painting/paint-service.js';
import type { ServerParts } from '../server-parts.js';
import type { ImageCall } from './image-call.js';
import { encodingOf, imageFacts, notesOf, now } from './image-reply.js';

/**
 * Paints and sends previews and images as they come about. What keeps painting from beginning is still answered with a status; what goes wrong
 * later is an event.
 * @throws QueueFullError and others, before the first byte
 */
export async function streamImages(
  { service }: ServerParts,
  order: ImageOrder,
  { body, events, reply, request }: Pick<ImageCall, 'body' | 'events' | 'reply' | 'request'>,
): Promise<undefined> {
  const encoding = encodingOf(body);
  const stream = new EventStream();
  const partials: number[] = [];
  // Encoding takes a moment; events keep their order by waiting for each other.
  let last: Promise<void> = Promise.resolve();
  const send = (
    name: string,
    image: Picture,
    { parameters, ...more }: { parameters?: string; [fact: string]: unknown },
  ) => {
    last = last.then(async () => {
      const facts = {
        b64_json: await base64Of(image, encoding, parameters),
        created_at: now(),
        ...imageFacts(image, encoding),
      };
      stream.send({ type: `${events}.${name}`, ...facts, ...more });
    });
  };
  const painting = service.paint({
    ...order,
    previews: body.partial_images,
    onStep: (index, { preview, step, steps }) => {
      if (preview === undefined) return;
      partials[index] = (partials[index] ?? -1) + 1;
      send('partial_image', preview, { partial_image_index: partials[index], image_index: index, step, steps });
    },
    onImage: (index, painted: PaintedImage) => {
      const { image, seed, parameters } = painted;
      send('completed', image, { parameters, seed, image_index: index, ...notesOf(painted) });
    },
  });
  const failed = painting
    .then(() => last)
    .then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
  const early = await Promise.race([failed, nextTurn()]);
  if (early !== undefined) {
    stream.end();
    throw early.error;
  }
  sendEvents(reply, stream);
  void failed.then((failure) => {
    if (failure !== undefined) sendError(stream, failure.error, request);
    stream.end();
  });
  return undefined;
}

function sendError(stream: EventStream, error: unknown, { log }: ImageCall['request']): void {
  const { status, body } = replyOf(error);
  if (status >= 500) log.error(error);
  stream.sendAs('error', body);
}
