import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyRequest } from 'fastify';
import { errorBody } from '../http/api-error.js';
import { readForm } from '../http/multipart-form.js';
import { modelNamed } from '../painting/model-pool.js';
import type { ServerParts } from '../server-parts.js';
import { answerImages } from './answer-images.js';
import { editBody, imageFormFields, variationBody } from './image-forms.js';
import { paintRequestOf } from './image-order.js';
import { imagesReply } from './image-reply.js';
import { readSource } from './source-image.js';

/** How far back towards noise a variation goes: its colours and its places stay, its things change. */
const VARIATION_STRENGTH = 0.7;

/** `POST /v1/images/edits` and `POST /v1/images/variations`. */
export const editRoutes =
  (parts: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const { service, limits } = parts;
    const preValidation = async (request: FastifyRequest): Promise<void> => {
      request.body = await readForm(request, imageFormFields, limits.bodyBytes);
    };
    const common = {
      tags: ['images'],
      consumes: ['multipart/form-data'],
      response: { 200: imagesReply, '4xx': errorBody, '5xx': errorBody },
    };

    const edit = { ...common, summary: 'Paint an image anew, all of it or under a mask', body: editBody(limits) };
    app.post('/v1/images/edits', { schema: edit, preValidation }, async (request, reply) => {
      const { body } = request;
      const model = modelNamed(service.pool.models, body.model);
      const { size, ...source } = await readSource({ ...body, image: body.image[0]! }, { model, limits });
      const paint = { ...paintRequestOf(body, { model, limits, standard: size }), ...source, strength: body.strength };
      return (await answerImages(parts, { request, reply, body, model, paint, events: 'image_edit' })) ?? reply;
    });

    const variation = { ...common, summary: 'Paint images like another', body: variationBody(limits) };
    app.post('/v1/images/variations', { schema: variation, preValidation }, async (request, reply) => {
      const { body } = request;
      const model = modelNamed(service.pool.models, body.model);
      const { size, image } = await readSource({ image: body.image[0]!, size: body.size }, { model, limits });
      const { strength = VARIATION_STRENGTH } = body;
      const paint = { ...paintRequestOf({ ...body, prompt: '' }, { model, limits, standard: size }), image, strength };
      return (await answerImages(parts, { request, reply, body, model, paint, events: 'image_generation' })) ?? reply;
    });
    return Promise.resolve();
  };
