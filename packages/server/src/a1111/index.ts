import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { replyOf } from '../http/api-error.js';
import { ClientGone } from '../http/client-gone.js';
import type { ServerParts } from '../server-parts.js';
import { Checkpoint } from './checkpoint.js';
import { factRoutes } from './facts.js';
import { paintingRoutes } from './painting.js';
import { PaintingJobs } from './painting-jobs.js';

/** The interface of AUTOMATIC1111's web UI, as far as other programs use it. */
export const a1111Routes =
  (server: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const parts = { ...server, checkpoint: new Checkpoint(server.service.pool.models), jobs: new PaintingJobs() };
    // Its errors have another form.
    app.setErrorHandler(async (error, request, reply) => {
      if (error instanceof ClientGone) return reply.hijack();
      const { status, body, headers = {} } = replyOf(error);
      const { message, type } = body.error;
      if (status >= 500) request.log.error(error);
      return reply.code(status).headers(headers).send({ error: type, detail: message, body: '', errors: message });
    });
    await app.register(factRoutes(parts));
    await app.register(paintingRoutes(parts));
  };
