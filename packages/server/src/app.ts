import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import swagger from '@fastify/swagger';
import { VERSION } from '@lascaux/nn';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { a1111Routes } from './a1111/index.js';
import { errorReply, replyOf } from './http/api-error.js';
import { ClientGone } from './http/client-gone.js';
import { jobRoutes } from './jobs/job-routes.js';
import { acceptJson } from './http/json-body.js';
import { acceptForms } from './http/multipart-form.js';
import { mcpRoutes } from './mcp/mcp-routes.js';
import { editRoutes } from './openai/edits.js';
import { explanationRoutes } from './openai/explanations.js';
import { generationRoutes } from './openai/generations.js';
import { imageFileRoutes } from './openai/image-files.js';
import { modelRoutes } from './openai/models.js';
import { guardAccess, type Access } from './operations/access.js';
import { healthRoutes } from './operations/health.js';
import { loggerOf, logPrompts, type LogOptions } from './operations/log.js';
import { Metrics } from './operations/metrics.js';
import { pageRoutes } from './page/page-routes.js';
import type { ServerParts } from './server-parts.js';

/** What an application is made with, beside its parts. */
export interface AppOptions {
  readonly access?: Partial<Access>;
  readonly log?: LogOptions;
  readonly metrics?: Metrics;
  readonly isStopping?: () => boolean;
  /** The folder of the page at `/`; default: there is none. */
  readonly page?: string;
}

/** Milliseconds in which a request must have arrived, uploads included. */
const REQUEST_TIMEOUT = 300_000;

/** The HTTP application: every route over its parts; it listens to nothing yet. */
export async function buildApp(parts: ServerParts, options: AppOptions = {}): Promise<FastifyInstance> {
  const { access, log = {}, metrics = new Metrics(), isStopping = () => false, page } = options;
  const { origins = [], apiKey, isLocalOnly = () => false } = access ?? {};
  const app = fastify({
    bodyLimit: parts.limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    logger: loggerOf(log),
  });
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  parts.running.watch(app);
  acceptJson(app);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  if (origins.length > 0)
    await app.register(cors, { origin: origins.includes('*') ? '*' : [...origins], exposedHeaders: ['x-request-id'] });
  guardAccess(app, { apiKey, origins, isLocalOnly });
  if (log.prompts === true) logPrompts(app);
  metrics.watchPainting(parts.service);
  metrics.watchRequests(app);
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
  await app.register(explanationRoutes(parts));
  await app.register(editRoutes(parts));
  await app.register(imageFileRoutes(parts));
  await app.register(jobRoutes(parts));
  await app.register(a1111Routes(parts));
  await app.register(mcpRoutes(parts));
  if (page !== undefined) await app.register(pageRoutes(page));
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  return app;
}

async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (error instanceof ClientGone) return reply.hijack();
  const { status, body, headers = {} } = replyOf(error);
  if (status >= 500) request.log.error(error);
  return reply.code(status).headers(headers).send(body);
}
