import { LascauxError } from '@lascaux/nn';

/** Who wants to paint, and with what. */
export interface QueueTicket {
  /** Requests of one client wait for each other; clients take turns. */
  readonly client: string;
  /** Only one image of a lane is painted at a time: the model's name. */
  readonly lane: string;
  /** How many images are wanted; all of them find a place, or none. Default 1. */
  readonly places?: number;
  /** Gives the places back: at once where they wait, before the next step where an image is being painted. */
  readonly signal?: AbortSignal;
}

/** What a place is for: the image's number, 0 … places − 1, and the signal to stop it. */
export type PlaceWork<T> = (index: number, signal: AbortSignal) => Promise<T>;

/** Where requests wait for a model. An interface, so that places can be kept elsewhere, such as in a database that several servers share. */
export interface PaintQueue {
  /**
   * Waits for the turn of each place, and does the work.
   * @returns what each place gave, in their order
   * @throws QueueFullError when there are not enough places; what the work throws, or the signal's reason, once every place is given back
   */
  join<T>(ticket: QueueTicket, work: PlaceWork<T>): Promise<T[]>;
  /** Places that wait and that are served now. */
  readonly load: QueueLoad;
}

/** How many images wait and how many are painted now. */
export interface QueueLoad {
  readonly waiting: number;
  readonly running: number;
}

/** There is no place left; `retryAfter` seconds say when one may be free. */
export class QueueFullError extends LascauxError {
  readonly retryAfter: number;

  constructor({ capacity, retryAfter }: { capacity: number; retryAfter: number }) {
    super({ operation: 'queue', rule: `all ${capacity} places are taken; try again in ${retryAfter} s` });
    this.retryAfter = retryAfter;
  }
}
