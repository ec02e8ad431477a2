import { samplerNames } from '@lascaux/diffusion';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody } from '../http/api-error.js';
import { UnknownModelError } from '../painting/model-pool.js';
import type { ServedModel } from '../painting/served-model.js';
import type { ServerParts } from '../server-parts.js';

const modelReply = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    defaults: z
      .object({ size: z.string(), num_inference_steps: z.int(), guidance_scale: z.number(), sampler: z.string() })
      .describe('What is taken where a request says nothing.'),
    sizes: z
      .object({ multiple: z.int(), largest: z.int().optional() })
      .describe('Sides are multiples of this, up to the largest where there is one.'),
    samplers: z.array(z.string()).describe('Samplers by name.'),
  })
  .meta({ id: 'Model' });

const listReply = z.object({ object: z.literal('list'), data: z.array(modelReply) }).meta({ id: 'Models' });

/** `GET /v1/models`, and one of them. */
export const modelRoutes =
  ({ service: { pool } }: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const listSchema = { summary: 'The models', tags: ['models'], response: { 200: listReply } };
    app.get('/v1/models', { schema: listSchema }, () => ({
      object: 'list' as const,
      data: pool.models.map(describe),
    }));
    const schema = {
      // OpenAPI has no word for a name with slashes.
      hide: true,
      summary: 'One model',
      tags: ['models'],
      params: z.object({ '*': z.string() }),
      response: { 200: modelReply, '4xx': errorBody },
    };
    // A name of the hub has a slash.
    app.get('/v1/models/*', { schema }, ({ params: { '*': name } }) => {
      const model = pool.models.find((candidate) => candidate.name === name);
      if (model === undefined) throw new UnknownModelError(name, pool.models);
      return describe(model);
    });
    return Promise.resolve();
  };

function describe({ name, created, defaults, sizes }: ServedModel): z.infer<typeof modelReply> {
  const { width, height, steps, guidanceScale, sampler } = defaults;
  return {
    id: name,
    object: 'model',
    created,
    owned_by: 'lascaux',
    defaults: { size: `${width}x${height}`, num_inference_steps: steps, guidance_scale: guidanceScale, sampler },
    sizes: { multiple: sizes.multiple, largest: sizes.largest },
    samplers: [...samplerNames],
  };
}
