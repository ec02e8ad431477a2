import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import { VERSION } from '@lascaux/nn';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { a1111Routes } from './a1111/index.js';
import { errorReply, replyOf } from './http/api-error.js';
import { ClientGone } from './http/client-gone.js';
import { acceptForms } from './http/multipart-form.js';
import { editRoutes } from './openai/edits.js';
import { generationRoutes } from './openai/generations.js';
import { imageFileRoutes } from './openai/image-files.js';
import { modelRoutes } from './openai/models.js';
import { healthRoutes } from './operations/health.js';
import type { ServerParts } from './server-parts.js';

/** What an application is made with, beside its parts. */
export interface AppOptions {
  readonly logger?: FastifyBaseLogger | false;
  readonly isStopping?: () => boolean;
}

/** The HTTP application: every route over its parts; it listens to nothing yet. */
export async function buildApp(
  parts: ServerParts,
  { isStopping = () => false }: AppOptions = {},
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: parts.limits.bodyBytes, genReqId: () => randomUUID(), requestIdHeader: false });
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  parts.running.watch(app);
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(async ({ method, url }, reply) => {
    const { status, body } = errorReply(404, {
      message: `no such address: ${method} ${url.split('?')[0]}`,
      code: 'not_found',
    });
    return reply.code(status).send(body);
  });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Lascaux', version: VERSION } },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await acceptForms(app, parts.limits.bodyBytes);
  await app.register(healthRoutes(isStopping));
  await app.register(modelRoutes(parts));
  await app.register(generationRoutes(parts));
  await app.register(editRoutes(parts));
  await app.register(imageFileRoutes(parts));
  await app.register(a1111Routes(parts));
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  return app;
}

async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (error instanceof ClientGone) return reply.hijack();
  const { status, body, headers = {} } = replyOf(error);
  if (status >= 500) request.log.error(error);
  return reply.code(status).headers(headers).send(body);
}
