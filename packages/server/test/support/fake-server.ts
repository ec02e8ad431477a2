import type { FastifyInstance } from 'fastify';
import { buildApp, type AppOptions } from '../../src/app.js';
import { ImageStore } from '../../src/http/image-store.js';
import { RunningRequests } from '../../src/http/running-requests.js';
import { Metrics } from '../../src/operations/metrics.js';
import { FairQueue } from '../../src/painting/fair-queue.js';
import { ModelPool } from '../../src/painting/model-pool.js';
import { PaintService } from '../../src/painting/paint-service.js';
import { DEFAULT_LIMITS, type ServerLimits } from '../../src/server-limits.js';
import { stopServer } from '../../src/stop-server.js';
import { fakeModel, fakePainter, type FakePainter } from './fake-painter.js';

/** A server over painters without networks. */
export interface FakeServer {
  readonly app: FastifyInstance;
  readonly service: PaintService;
  readonly painter: FakePainter;
  /** Address of the listening server. */
  readonly url: string;
  close(drainSeconds?: number): Promise<void>;
}

/** What may be told to a fake server. */
export interface FakeServerOptions extends AppOptions {
  readonly limits?: Partial<ServerLimits>;
  readonly capacity?: number;
  /** How long an image takes. */
  readonly milliseconds?: number;
}

/** Listens on a free port. */
export async function fakeServer(options: FakeServerOptions = {}): Promise<FakeServer> {
  const { capacity, milliseconds, limits: changed, ...app } = options;
  const limits = { ...DEFAULT_LIMITS, ...changed };
  const painter = fakePainter({ milliseconds });
  const models = [fakeModel(), fakeModel({ name: 'owner/other' })];
  const pool = new ModelPool({ models, memory: 100, open: async () => Promise.resolve(painter) });
  const service = new PaintService({ pool, queue: new FairQueue({ capacity }), seconds: limits.seconds });
  const running = new RunningRequests();
  const metrics = new Metrics();
  const built = await buildApp({ service, limits, running, store: new ImageStore() }, { metrics, ...app });
  const url = await built.listen({ host: '127.0.0.1', port: 0 });
  return {
    app: built,
    service,
    painter,
    url,
    close: (drainSeconds) => stopServer({ app: built, service, running }, drainSeconds),
  };
}
