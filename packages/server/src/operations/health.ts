import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

const status = z.object({ status: z.enum(['ok', 'stopping']) });

/** `GET /healthz`: the process answers, also while a model paints. `GET /readyz`: it takes work; 503 once it is told to stop. */
export const healthRoutes =
  (isStopping: () => boolean): FastifyPluginAsyncZod =>
  async (app) => {
    const config = { isOpen: true };
    const schema = (summary: string) => ({ summary, tags: ['operations'], response: { 200: status, 503: status } });
    app.get('/healthz', { schema: schema('Whether the server lives'), config }, () => ({ status: 'ok' as const }));
    app.get('/readyz', { schema: schema('Whether it takes requests'), config }, async (_, reply) =>
      isStopping() ? reply.code(503).send({ status: 'stopping' }) : reply.send({ status: 'ok' }),
    );
    return Promise.resolve();
  };
