import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { errorBody } from '../http/api-error.js';
import { clientOf } from '../http/client-of.js';
import { untilClientGone } from '../http/client-gone.js';
import { modelNamed } from '../painting/model-library.js';
import type { ServerParts } from '../server-parts.js';
import { paintRequestOf } from './image-order.js';
import { generationBody } from './image-parameters.js';
import { encodingOf, imagesReply, replyWithImages } from './image-reply.js';

/** `POST /v1/images/generations`. */
export const generationRoutes =
  ({ studio, limits }: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const schema = {
      summary: 'Paint images of a prompt',
      tags: ['images'],
      body: generationBody(limits),
      response: { 200: imagesReply, '4xx': errorBody, '5xx': errorBody },
    };
    app.post('/v1/images/generations', { schema }, async (request, reply) => {
      const { body } = request;
      const model = modelNamed(studio.library.models, body.model);
      const images = await studio.paint({
        model,
        client: clientOf(request),
        request: paintRequestOf(body, { model, limits }),
        count: body.n,
        signal: untilClientGone(reply),
      });
      return replyWithImages(images, encodingOf(body));
    });
    return Promise.resolve();
  };
