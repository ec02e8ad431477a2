import { z } from 'zod';
import { errorBody, type ErrorBody } from '../http/api-error.js';
import { imagesReply, type ImagesReply } from '../openai/image-reply.js';

/** How far a job is. */
export const jobProgress = z.object({
  images: z.int().describe('Images that are done.'),
  count: z.int().describe('Images that were asked for.'),
  step: z.int().describe('Steps of the present image that are done.'),
  steps: z.int().describe('Steps of an image; 0 before the first.'),
});

/** A job as it is answered. */
export const jobReply = z
  .object({
    id: z.string(),
    object: z.literal('job'),
    status: z.enum(['queued', 'generating', 'completed', 'failed', 'cancelled']),
    created: z.int(),
    poll_url: z.string(),
    events_url: z.string(),
    progress: jobProgress,
    result: imagesReply.nullable(),
    error: errorBody.shape.error.nullable(),
  })
  .meta({ id: 'Job' });

/** A job as it is answered. */
export type JobReply = z.infer<typeof jobReply>;

/** What has become of a request that nobody waits for. */
export class Job {
  readonly id: string;
  readonly created: number;
  readonly progress: z.infer<typeof jobProgress>;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  #status: JobReply['status'] = 'queued';
  #result: ImagesReply | null = null;
  #error: ErrorBody['error'] | null = null;
  /** When it ended, by `Date.now`. */
  endedAt: number | undefined;

  constructor({ id, created, count }: { id: string; created: number; count: number }) {
    this.id = id;
    this.created = created;
    this.progress = { images: 0, count, step: 0, steps: 0 };
  }

  get status(): JobReply['status'] {
    return this.#status;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Bytes that its result takes. */
  get size(): number {
    return this.#result?.data.reduce((sum, { b64_json = '' }) => sum + b64_json.length, 0) ?? 0;
  }

  /** Calls a listener at every change until it is taken away. @returns what takes it away */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  note(progress: Partial<z.infer<typeof jobProgress>>): void {
    Object.assign(this.progress, progress);
    this.#change('generating');
  }

  complete(result: ImagesReply): void {
    if (this.endedAt !== undefined) return;
    this.#result = result;
    this.#end('completed');
  }

  fail(error: ErrorBody['error']): void {
    if (this.endedAt !== undefined) return;
    this.#error = error;
    this.#end('failed');
  }

  /** @returns whether it was still on its way */
  cancel(): boolean {
    if (this.endedAt !== undefined) return false;
    this.#end('cancelled');
    this.#stop.abort();
    return true;
  }

  reply(): JobReply {
    const poll = `/v1/jobs/${this.id}`;
    return {
      id: this.id,
      object: 'job',
      status: this.#status,
      created: this.created,
      poll_url: poll,
      events_url: `${poll}/events`,
      progress: { ...this.progress },
      result: this.#result,
      error: this.#error,
    };
  }

  #end(status: JobReply['status']): void {
    this.endedAt = Date.now();
    this.#change(status);
  }

  #change(status: JobReply['status']): void {
    if (this.endedAt === undefined || status !== 'generating') this.#status = status;
    for (const listener of [...this.#listeners]) listener();
  }
}
