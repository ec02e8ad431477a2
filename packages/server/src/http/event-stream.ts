import { PassThrough, type Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** An event as it is sent; its type is also the event's name. */
export interface ServerEvent {
  readonly type: string;
}

/** Milliseconds between signs of life, which keep proxies from closing a connection where nothing is said. */
const SIGN_OF_LIFE = 15_000;

/** Server-sent events: each with an `event:` line, as OpenAI sends them. */
export class EventStream {
  readonly readable: Readable;
  readonly #stream = new PassThrough();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.readable = this.#stream;
    this.#timer = setInterval(() => this.#write(': waiting\n\n'), SIGN_OF_LIFE);
    this.#timer.unref();
    this.#write(': painting\n\n');
  }

  send(event: ServerEvent): void {
    this.sendAs(event.type, event);
  }

  /** Data under a name that it does not hold itself. */
  sendAs(name: string, data: unknown): void {
    this.#write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#stream.end();
  }

  #write(text: string): void {
    if (this.#stream.writable) this.#stream.write(text);
  }
}

/** Answers with a stream of events. */
export function sendEvents(reply: FastifyReply, { readable }: EventStream): void {
  void reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(readable);
}
