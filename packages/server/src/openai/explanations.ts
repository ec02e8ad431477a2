import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody } from '../http/api-error.js';
import { modelNamed } from '../painting/model-pool.js';
import type { ServerParts } from '../server-parts.js';
import { paintRequestOf } from './image-order.js';
import { generationBody } from './image-parameters.js';

const level = z.object({ timestep: z.number(), signal: z.number(), sigma: z.number() });

const explanation = z
  .object({
    tokens: z
      .array(z.array(z.object({ id: z.int(), text: z.string(), weight: z.number() })))
      .describe('The prompt’s sequences as the first text encoder reads them, without padding.'),
    truncated: z.int().describe('Tokens that do not fit.'),
    schedule: z.array(level).describe('The noise levels of training, thinned out: x = signal · image + sigma · noise.'),
    evaluated: z.array(level).describe('Where the sampler asks the network, in order.'),
    latent: z.tuple([z.int(), z.int(), z.int()]).describe('Channels, height and width of the latent.'),
  })
  .meta({ id: 'Explanation' });

/** `POST /v1/images/explanations`: what happens in a request for images, without painting; ours, OpenAI has none. */
export const explanationRoutes =
  (parts: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const { service, limits } = parts;
    const schema = {
      summary: 'What happens when images of a prompt are painted',
      tags: ['images'],
      body: generationBody(limits),
      response: { 200: explanation, '4xx': errorBody, '5xx': errorBody },
    };
    app.post('/v1/images/explanations', { schema }, async ({ body }, reply) => {
      const model = modelNamed(service.pool.models, body.model);
      const request = paintRequestOf(body, { model, limits });
      const { tokens, evaluated, schedule, latent, truncated } = await service.explain(model, request);
      return reply.send({
        truncated,
        latent: [...latent] as [number, number, number],
        tokens: tokens.map((sequence) => [...sequence]),
        schedule: [...schedule],
        evaluated: [...evaluated],
      });
    });
    return Promise.resolve();
  };
