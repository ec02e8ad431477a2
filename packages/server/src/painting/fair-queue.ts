import type { PaintQueue, PlaceWork, QueueLoad, QueueTicket } from './paint-queue.js';
import { QueueFullError } from './paint-queue.js';

/** Places that may wait unless it is said otherwise. */
export const QUEUE_CAPACITY = 64;

interface Place {
  readonly start: () => Promise<void>;
}

/** The places of one model. Clients stand in line; whoever was served goes to its end. */
interface Lane {
  readonly clients: Map<string, Place[]>;
  running: boolean;
  /** The client that was served last, who is not the next if another waits. */
  last?: string;
}

/** Seconds an image takes until the first one was measured. */
const FIRST_GUESS = 5;
const LONGEST_RETRY = 600;

/** The queue of one process: bounded, and fair between clients image by image, so that ten images of one delay another by one. */
export class FairQueue implements PaintQueue {
  readonly #capacity: number;
  readonly #lanes = new Map<string, Lane>();
  #waiting = 0;
  #running = 0;
  /** Seconds of a recent image: a running mean. */
  #seconds = FIRST_GUESS;

  constructor({ capacity = QUEUE_CAPACITY }: { readonly capacity?: number } = {}) {
    this.#capacity = capacity;
  }

  get load(): QueueLoad {
    return { waiting: this.#waiting, running: this.#running };
  }

  async join<T>({ client, lane, places = 1, signal }: QueueTicket, work: PlaceWork<T>): Promise<T[]> {
    signal?.throwIfAborted();
    if (this.#waiting + places > this.#capacity && this.#waiting > 0) throw this.#full();
    const controller = new AbortController();
    const stop = AbortSignal.any([controller.signal, ...(signal ? [signal] : [])]);
    const results = Array.from({ length: places }, (_, index) =>
      this.#wait({ client, lane, signal: stop }, (ended) => work(index, ended)),
    );
    try {
      return await Promise.all(results);
    } catch (error) {
      controller.abort(error);
      await Promise.allSettled(results);
      throw error;
    }
  }

  #wait<T>(ticket: QueueTicket & { signal: AbortSignal }, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { client, lane: name, signal } = ticket;
    const lane = this.#laneOf(name);
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        if (remove(lane, client, place)) this.#waiting--;
        reject(signal.reason as Error);
      };
      const place: Place = {
        start: async () => {
          signal.removeEventListener('abort', leave);
          await this.#measured(() => work(signal)).then(resolve, reject);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      const places = lane.clients.get(client);
      if (places === undefined) lane.clients.set(client, [place]);
      else places.push(place);
      this.#waiting++;
      void this.#serve(name, lane);
    });
  }

  #laneOf(name: string): Lane {
    const lane = this.#lanes.get(name) ?? { clients: new Map<string, Place[]>(), running: false };
    this.#lanes.set(name, lane);
    return lane;
  }

  async #serve(name: string, lane: Lane): Promise<void> {
    if (lane.running) return;
    lane.running = true;
    for (let place = next(lane); place !== undefined; place = next(lane)) {
      this.#waiting--;
      this.#running++;
      await place.start();
      this.#running--;
    }
    this.#lanes.delete(name);
  }

  async #measured<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.#seconds += ((performance.now() - start) / 1000 - this.#seconds) / 4;
    return result;
  }

  #full(): QueueFullError {
    const wait = (this.#waiting * this.#seconds) / Math.max(1, this.#lanes.size);
    const retryAfter = Math.min(LONGEST_RETRY, Math.max(1, Math.ceil(wait)));
    return new QueueFullError({ capacity: this.#capacity, retryAfter });
  }
}

/** Takes out the place whose turn it is; its client goes to the end of the line. */
function next(lane: Lane): Place | undefined {
  const { clients, last } = lane;
  const names = [...clients.keys()];
  const client = names.find((name) => name !== last) ?? names[0];
  if (client === undefined) return undefined;
  const places = clients.get(client)!;
  const place = places.shift();
  clients.delete(client);
  if (places.length > 0) clients.set(client, places);
  lane.last = client;
  return place;
}

/** @returns whether the place still waited */
function remove({ clients }: Lane, client: string, place: Place): boolean {
  const places = clients.get(client) ?? [];
  const others = places.filter((other) => other !== place);
  if (others.length > 0) clients.set(client, others);
  else clients.delete(client);
  return others.length < places.length;
}
