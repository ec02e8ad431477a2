import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorReply } from '../http/api-error.js';
import type { ServerParts } from '../server-parts.js';

/** `GET /v1/images/files/NAME`: an image that was asked for as an address. Its name is what gives access. */
export const imageFileRoutes =
  ({ store }: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const schema = { summary: 'An image that was painted', tags: ['images'], params: z.object({ name: z.string() }) };
    app.get('/v1/images/files/:name', { schema, config: { isOpen: true } }, async ({ params: { name } }, reply) => {
      const image = store.get(name);
      if (image === undefined) {
        const { status, body } = errorReply(404, { message: 'no such image, or no more', code: 'not_found' });
        return reply.code(status).send(body);
      }
      const { bytes, format } = image;
      return reply
        .header('content-type', `image/${format}`)
        .header('cache-control', 'private, max-age=600')
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    });
    return Promise.resolve();
  };
