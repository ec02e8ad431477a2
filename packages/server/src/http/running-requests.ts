import type { FastifyInstance } from 'fastify';

/** Counts the requests that have no whole answer yet. */
export class RunningRequests {
  #count = 0;
  #idle: (() => void)[] = [];

  /** Counts those of an application. */
  watch(app: FastifyInstance): void {
    app.addHook('onRequest', (_, reply, done) => {
      this.#count++;
      reply.raw.once('close', () => this.#leave());
      done();
    });
  }

  /** Settles when no request is running. */
  async untilNone(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #leave(): void {
    this.#count--;
    if (this.#count === 0) for (const wake of this.#idle.splice(0)) wake();
  }
}
