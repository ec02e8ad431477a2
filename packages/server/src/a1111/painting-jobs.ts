import type { PaintProgress } from '../painting/painter.js';

/** Somebody asked for the images that are there, instead of waiting for the others. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How far a client's request is. */
export interface JobProgress {
  readonly kind: 'txt2img' | 'img2img';
  readonly count: number;
  readonly startedAt: number;
  /** Images that are done. */
  done: number;
  step: number;
  steps: number;
}

/** What each client has running: AUTOMATIC1111's progress and interruption name no request. */
export class PaintingJobs {
  readonly #jobs = new Map<string, { readonly progress: JobProgress; readonly stop: AbortController }[]>();

  /** Keeps account of a request while its work runs. */
  async during<T>(
    client: string,
    { kind, count }: Pick<JobProgress, 'kind' | 'count'>,
    work: (job: { progress: JobProgress; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const progress: JobProgress = { kind, count, startedAt: Date.now(), done: 0, step: 0, steps: 0 };
    const entry = { progress, stop: new AbortController() };
    this.#jobs.set(client, [...(this.#jobs.get(client) ?? []), entry]);
    try {
      return await work({ progress, signal: entry.stop.signal });
    } finally {
      const others = (this.#jobs.get(client) ?? []).filter((other) => other !== entry);
      if (others.length === 0) this.#jobs.delete(client);
      else this.#jobs.set(client, others);
    }
  }

  /** The oldest request of a client. */
  progressOf(client: string): JobProgress | undefined {
    return this.#jobs.get(client)?.[0]?.progress;
  }

  /** Ends the requests of a client; each is answered with the images that it has. */
  interrupt(client: string): void {
    for (const { stop } of this.#jobs.get(client) ?? []) stop.abort(new Interrupted());
  }
}

/** Notes a step. */
export function noteStep(progress: JobProgress, { step, steps }: PaintProgress): void {
  progress.step = step;
  progress.steps = steps;
}

/** The answer to `GET /sdapi/v1/progress`; without a job, everything is zero. */
export function progressReply(job: JobProgress | undefined) {
  const { count = 0, done = 0, step = 0, steps = 0, startedAt = 0, kind = '' } = job ?? {};
  const share = job === undefined ? 0 : (done + (steps === 0 ? 0 : step / steps)) / count;
  const eta = share === 0 ? 0 : ((Date.now() - startedAt) / 1000) * (1 / share - 1);
  return {
    progress: Math.min(1, share),
    eta_relative: eta,
    state: {
      skipped: false,
      interrupted: false,
      job: kind,
      job_count: count,
      job_no: done,
      job_timestamp: startedAt === 0 ? '0' : new Date(startedAt).toISOString(),
      sampling_step: step,
      sampling_steps: steps,
    },
    current_image: null,
    textinfo: null,
  };
}
