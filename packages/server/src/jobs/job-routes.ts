import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorBody, errorReply, replyOf } from '../http/api-error.js';
import { clientOf } from '../http/client-of.js';
import { EventStream, sendEvents } from '../http/event-stream.js';
import { paintRequestOf } from '../openai/image-order.js';
import { generationBody } from '../openai/image-parameters.js';
import { encodingOf, replyWithImages } from '../openai/image-reply.js';
import { modelNamed } from '../painting/model-pool.js';
import type { ImageOrder } from '../painting/paint-service.js';
import type { ServerParts } from '../server-parts.js';
import { jobReply, type Job } from './job.js';
import { JobStore } from './job-store.js';

const tags = ['jobs'];
const params = z.object({ id: z.string() });
const answers = { '4xx': errorBody, '5xx': errorBody };
const unknown = () => errorReply(404, { message: 'no such job, or no more', code: 'not_found' });

/** `POST /v1/jobs`, `GET /v1/jobs/ID`, its events, and `POST /v1/jobs/ID/cancel`: for clients that do not keep a connection open. */
export const jobRoutes =
  ({ service, limits }: ServerParts): FastifyPluginAsyncZod =>
  async (app) => {
    const store = new JobStore();

    const begin = {
      tags,
      summary: 'Paint, and ask for the result later',
      description: 'The same `Idempotency-Key` with the same body gives the same job.',
      body: generationBody(limits),
      headers: z.looseObject({ 'idempotency-key': z.string().max(255).optional() }),
      response: { 202: jobReply, ...answers },
    };
    app.post('/v1/jobs', { schema: begin }, async (request, reply) => {
      const { body, headers } = request;
      const model = modelNamed(service.pool.models, body.model);
      const client = clientOf(request);
      const { n: count = 1 } = body;
      const paint = paintRequestOf(body, { model, limits });
      const key = { client, key: headers['idempotency-key'], body: JSON.stringify(body) };
      const { job, isNew } = store.open(count, key);
      if (isNew) {
        const order = { model, client, request: paint, count, signal: job.signal };
        const refused = await start(job, { order, encoding: encodingOf(body) });
        if (refused !== undefined) {
          store.remove(job);
          throw refused.error;
        }
      }
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job.reply());
    });

    const look = { tags, summary: 'What became of a job', params, response: { 200: jobReply, ...answers } };
    app.get('/v1/jobs/:id', { schema: look }, async ({ params: { id } }, reply) => {
      const job = store.get(id);
      return job === undefined ? reply.code(404).send(unknown().body) : reply.send(job.reply());
    });

    app.get(
      '/v1/jobs/:id/events',
      { schema: { tags, summary: 'The same as events', params } },
      async (request, reply) => {
        const job = store.get(request.params.id);
        if (job === undefined) return reply.code(404).send(unknown().body);
        followJob(job, reply);
        return reply;
      },
    );

    const cancel = { ...look, summary: 'Stop a job before its next step' };
    app.post('/v1/jobs/:id/cancel', { schema: cancel }, async ({ params: { id } }, reply) => {
      const job = store.get(id);
      if (job === undefined) return reply.code(404).send(unknown().body);
      if (job.cancel()) return reply.send(job.reply());
      const { body } = errorReply(409, { message: `the job is ${job.status}`, code: 'job_ended' });
      return reply.code(409).send(body);
    });

    /** @returns what kept it from beginning */
    async function start(
      job: Job,
      { order, encoding }: { order: ImageOrder; encoding: ReturnType<typeof encodingOf> },
    ): Promise<{ error: unknown } | undefined> {
      const painting = service.paint({
        ...order,
        onStart: () => job.note({ step: 0 }),
        onStep: (_, { step, steps }) => job.note({ step, steps }),
        onImage: () => job.note({ images: job.progress.images + 1, step: 0 }),
      });
      const ended = painting
        .then((images) => replyWithImages(images, encoding))
        .then(
          (result) => void job.complete(result),
          (error: unknown) => {
            job.fail(replyOf(error).body.error);
            return { error };
          },
        );
      return (await Promise.race([ended, nextTurn()])) ?? undefined;
    }
    return Promise.resolve();
  };

/** Sends `progress` at every change, and at last the job under the name of its status. */
function followJob(job: Job, reply: Parameters<typeof sendEvents>[0]): void {
  const stream = new EventStream();
  const tell = (): void => {
    if (job.endedAt === undefined) return stream.sendAs('progress', { status: job.status, ...job.progress });
    leave();
    stream.sendAs(job.status, job.reply());
    stream.end();
  };
  const leave = job.listen(tell);
  reply.raw.once('close', () => {
    leave();
    stream.end();
  });
  tell();
  sendEvents(reply, stream);
}
