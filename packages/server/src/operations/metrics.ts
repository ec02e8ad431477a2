import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PaintService } from '../painting/paint-service.js';

/** From a health check to a large image. */
const SECONDS = [0.005, 0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Figures of a server in Prometheus' form. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Histogram({
    name: 'lascaux_http_request_seconds',
    help: 'Seconds until a request was answered',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #images = new Histogram({
    name: 'lascaux_image_seconds',
    help: 'Seconds that an image took to paint, waiting not counted',
    labelNames: ['model'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #failures = new Counter({
    name: 'lascaux_image_failures_total',
    help: 'Images that were begun and not finished, cancelled ones among them',
    labelNames: ['model'],
    registers: [this.registry],
  });

  /** Counts an image. */
  notePainted(model: string, seconds: number): void {
    this.#images.observe({ model }, seconds);
  }

  noteFailed(model: string): void {
    this.#failures.inc({ model });
  }

  /** Measures what a service has to do. */
  watchPainting({ queue, pool }: PaintService): void {
    const gauge = (name: string, help: string, value: () => number): void => {
      const collected: Gauge = new Gauge({
        name,
        help,
        registers: [this.registry],
        collect: () => collected.set(value()),
      });
    };
    gauge('lascaux_queue_waiting', 'Images that wait', () => queue.load.waiting);
    gauge('lascaux_queue_running', 'Images that are painted now', () => queue.load.running);
    gauge('lascaux_models_loaded', 'Models that are loaded', () => pool.loaded.length);
    gauge('lascaux_resident_bytes', 'Memory of the server, without the processes that paint', () =>
      process.memoryUsage.rss(),
    );
  }

  /** Times every request, and answers `GET /metrics`. */
  watchRequests(app: FastifyInstance): void {
    app.addHook('onResponse', (request, reply, done) => {
      const { method, routeOptions } = request;
      const labels = { method, route: routeOptions.url ?? 'none', status: reply.statusCode };
      this.#requests.observe(labels, reply.elapsedTime / 1000);
      done();
    });
    app.get('/metrics', { schema: { hide: true } }, async (_, reply) =>
      reply.header('content-type', this.registry.contentType).send(await this.registry.metrics()),
    );
  }
}
