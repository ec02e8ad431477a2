import { randomUUID } from 'node:crypto';
import { check } from '@lascaux/nn';
import { Job } from './job.js';

/** How long and how much of what has ended is kept. */
export interface JobStoreOptions {
  /** Seconds after its end in which a job can be asked for. Default 600. */
  readonly seconds?: number;
  /** Bytes of all results; beyond them the oldest goes. Default 256 MB. */
  readonly capacity?: number;
}

interface Kept {
  readonly job: Job;
  /** Of the client and its idempotency key, and what it asked for. */
  readonly key: string | undefined;
  readonly body: string;
}

/** The jobs of a server, in memory. */
export class JobStore {
  readonly #jobs = new Map<string, Kept>();
  readonly #keys = new Map<string, string>();
  readonly #seconds: number;
  readonly #capacity: number;

  constructor({ seconds = 600, capacity = 256 * 2 ** 20 }: JobStoreOptions = {}) {
    this.#seconds = seconds;
    this.#capacity = capacity;
  }

  /**
   * A new job, or the one that the same client began with this key.
   * @throws LascauxError (usage) when the key was used for another request
   */
  open(
    count: number,
    { client, key: name, body }: { client: string; key: string | undefined; body: string },
  ): { job: Job; isNew: boolean } {
    this.#forget();
    const key = name === undefined ? undefined : `${client} ${name}`;
    const known = key === undefined ? undefined : this.#jobs.get(this.#keys.get(key) ?? '');
    if (known !== undefined) {
      check(known.body === body, {
        operation: 'idempotency-key',
        rule: 'was used for another request',
        value: name,
        kind: 'usage',
      });
      return { job: known.job, isNew: false };
    }
    const job = new Job({ id: randomUUID(), created: Math.floor(Date.now() / 1000), count });
    this.#jobs.set(job.id, { job, key, body });
    if (key !== undefined) this.#keys.set(key, job.id);
    return { job, isNew: true };
  }

  /** @returns undefined for a job that is not known, or no more */
  get(id: string): Job | undefined {
    this.#forget();
    return this.#jobs.get(id)?.job;
  }

  /** Takes a job away as if it had never been. */
  remove({ id }: Job): void {
    const { key } = this.#jobs.get(id) ?? {};
    if (key !== undefined) this.#keys.delete(key);
    this.#jobs.delete(id);
  }

  #forget(): void {
    const ended = [...this.#jobs.values()].filter(({ job }) => job.endedAt !== undefined);
    let bytes = ended.reduce((sum, { job }) => sum + job.size, 0);
    for (const { job } of ended.sort((a, b) => a.job.endedAt! - b.job.endedAt!)) {
      if (job.endedAt! + this.#seconds * 1000 > Date.now() && bytes <= this.#capacity) return;
      bytes -= job.size;
      this.remove(job);
    }
  }
}
