import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { RunningRequests } from './http/running-requests.js';
import type { PaintService } from './painting/paint-service.js';

/** What is stopped. */
export interface RunningServer {
  readonly app: FastifyInstance;
  readonly service: PaintService;
  readonly running: RunningRequests;
}

/** Milliseconds for the last errors to reach their clients. */
const LAST_WORDS = 2000;

/**
 * Takes no more connections, lets running requests finish in as many seconds, stops those that did not, and frees the models.
 * Connections that then still hang are cut.
 */
export async function stopServer({ app, service, running }: RunningServer, drainSeconds = 0): Promise<void> {
  const closed = app.close();
  await within(running.untilNone(), drainSeconds * 1000);
  await service.close();
  await within(running.untilNone(), LAST_WORDS);
  app.server.closeAllConnections();
  await closed;
}

async function within(done: Promise<void>, milliseconds: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([done, wait(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}
