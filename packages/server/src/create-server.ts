import { check } from '@lascaux/nn';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.js';
import { ImageStore } from './http/image-store.js';
import { RunningRequests } from './http/running-requests.js';
import { isLoopback } from './operations/access.js';
import type { LogOptions } from './operations/log.js';
import { Metrics } from './operations/metrics.js';
import { openPaintService, type PaintServiceOptions } from './open-paint-service.js';
import { stopServer } from './stop-server.js';

/** Options of {@link createServer}. */
export interface ServerOptions extends PaintServiceOptions {
  /** What clients must present; needed to listen on other addresses than this machine's own, unless `isPublic`. */
  readonly apiKey?: string;
  /** Lets anybody paint who reaches the address. Default: no. */
  readonly isPublic?: boolean;
  /** Origins whose pages may call the server; `*`: all. Default: none. */
  readonly origins?: readonly string[];
  readonly log?: LogOptions;
  /** The address that the answers' links begin with; default: the one that a request was sent to. */
  readonly publicUrl?: string;
  /** The folder of a page for browsers, shown at `/`: `studioPage()` of `@lascaux/studio`. Default: none. */
  readonly page?: string;
}

/** Where a server listens. */
export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: one that is free. */
  readonly port?: number;
}

/** A server that paints. */
export interface LascauxServer {
  readonly app: FastifyInstance;
  /**
   * @returns the address, such as `http://127.0.0.1:7860`
   * @throws LascauxError (usage) for an address of other machines without a key
   */
  listen(options?: ListenOptions): Promise<string>;
  /** Takes no more requests, finishes what it has in as many seconds (default: none), and frees the models. */
  close(options?: { readonly drainSeconds?: number }): Promise<void>;
}

/** A server over models, which are loaded when they are asked for first. */
export async function createServer(options: ServerOptions): Promise<LascauxServer> {
  const { publicUrl, page, apiKey, isPublic = false, origins = [] } = options;
  const metrics = new Metrics();
  const { service, limits } = openPaintService(options, ({ name }, seconds) =>
    seconds === undefined ? metrics.noteFailed(name) : metrics.notePainted(name, seconds),
  );
  const running = new RunningRequests();
  let stopping = false;
  let isLocalOnly = false;
  const app = await buildApp(
    { service, limits, running, store: new ImageStore(), publicUrl },
    {
      access: { apiKey, origins, isLocalOnly: () => isLocalOnly },
      log: options.log,
      metrics,
      isStopping: () => stopping,
      page,
    },
  );
  return {
    app,
    listen: async ({ host = '127.0.0.1', port = 0 } = {}) => {
      check(isLoopback(host) || apiKey !== undefined || isPublic, {
        option: 'host',
        rule: 'other machines may only paint here with an API key',
        value: host,
        kind: 'usage',
      });
      isLocalOnly = isLoopback(host) && apiKey === undefined && !isPublic;
      return app.listen({ host, port });
    },
    async close({ drainSeconds = 0 } = {}) {
      stopping = true;
      await stopServer({ app, service, running }, drainSeconds);
    },
  };
}
