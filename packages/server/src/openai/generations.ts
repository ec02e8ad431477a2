import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { errorBody } from '../http/api-error.js';
import { modelNamed } from '../painting/model-pool.js';
import type { ServerParts } from '../server-parts.js';
import { answerImages } from './answer-images.js';
import { paintRequestOf } from './image-order.js';
import { generationBody } from './image-parameters.js';
import { imagesReply } from './image-reply.js';

/** `POST /v1/images/generations`. */
export const generationRoutes =
  (parts: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const { service, limits } = parts;
    const schema = {
      summary: 'Paint images of a prompt',
      tags: ['images'],
      body: generationBody(limits),
      response: { 200: imagesReply, '4xx': errorBody, '5xx': errorBody },
    };
    app.post('/v1/images/generations', { schema }, async (request, reply) => {
      const { body } = request;
      const model = modelNamed(service.pool.models, body.model);
      const paint = paintRequestOf(body, { model, limits });
      return (await answerImages(parts, { request, reply, body, model, paint, events: 'image_generation' })) ?? reply;
    });
    return Promise.resolve();
  };
