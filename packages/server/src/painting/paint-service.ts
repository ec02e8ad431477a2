import { LascauxError } from '@lascaux/nn';
import type { CallExplanation } from '@lascaux/pipeline';
import { resolveSeed } from '@lascaux/pipeline/options';
import type { ModelPool } from './model-pool.js';
import type { PaintedImage, PaintProgress, PaintRequest } from './painter.js';
import type { PaintQueue } from './paint-queue.js';
import type { ServedModel } from './served-model.js';

/** Images that a client asks for. */
export interface ImageOrder {
  readonly model: ServedModel;
  readonly client: string;
  /** The first image's request; image k has its seed + k. Without a seed one is drawn. */
  readonly request: PaintRequest;
  /** Default 1. */
  readonly count?: number;
  readonly previews?: number;
  /** Aborted when nobody wants the images any more. */
  readonly signal?: AbortSignal;
  /** Called when an image's turn has come. */
  readonly onStart?: (index: number) => void;
  readonly onStep?: (index: number, progress: PaintProgress) => void;
  /** Called with each image as soon as it is there. */
  readonly onImage?: (index: number, image: PaintedImage) => void;
}

/** What a painting is made of. */
export interface PaintServiceParts {
  readonly pool: ModelPool;
  readonly queue: PaintQueue;
  /** Seconds that one image may take. */
  readonly seconds: number;
  /** Told what became of each image that was begun: seconds where it was painted. */
  readonly onEnd?: (model: ServedModel, seconds: number | undefined) => void;
}

/** Painting took longer than it may. */
export class PaintTimeoutError extends LascauxError {
  constructor(seconds: number) {
    super({ operation: 'paint', rule: `an image may take ${seconds} s; ask for fewer steps or a smaller size` });
  }
}

/** The server stops before the image is done. */
export class ServerStoppingError extends LascauxError {
  constructor() {
    super({ operation: 'paint', rule: 'the server stops' });
  }
}

/** The seed that asks for a drawn one. */
const DRAWN = -1;

/** Where every request of the server is painted: in its turn, by the model it names, within its time. */
export class PaintService {
  readonly pool: ModelPool;
  readonly queue: PaintQueue;
  readonly #seconds: number;
  readonly #onEnd: NonNullable<PaintServiceParts['onEnd']>;
  readonly #stop = new AbortController();

  constructor({ pool, queue, seconds, onEnd = () => undefined }: PaintServiceParts) {
    this.pool = pool;
    this.queue = queue;
    this.#seconds = seconds;
    this.#onEnd = onEnd;
  }

  /**
   * Paints the images of an order.
   * @throws QueueFullError, PaintTimeoutError, ServerStoppingError; LascauxError (usage) for what the model cannot do; the signal's reason
   */
  async paint(order: ImageOrder): Promise<PaintedImage[]> {
    const { model, client, count = 1, signal } = order;
    const seed = resolveSeed(order.request.seed ?? DRAWN);
    const ticket = { client, lane: model.name, places: count, signal: this.#orStopped(signal) };
    return this.queue.join(ticket, async (index, stop) => {
      order.onStart?.(index);
      const image = await this.#paintOne(order, { index, seed: seed + index, stop });
      order.onImage?.(index, image);
      return image;
    });
  }

  /**
   * What happens when an image is painted, without waiting for a place: nothing is computed. A model that is not loaded is loaded for it.
   * @throws LascauxError (usage) for what the model cannot do
   */
  async explain(model: ServedModel, request: PaintRequest): Promise<CallExplanation> {
    this.#stop.signal.throwIfAborted();
    return this.pool.use(model, (painter) => painter.explain(request));
  }

  /** Ends all painting at once, and every painter. */
  async close(): Promise<void> {
    this.#stop.abort(new ServerStoppingError());
    await this.pool.dispose();
  }

  #orStopped(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any([this.#stop.signal, ...(signal ? [signal] : [])]);
  }

  #paintOne(
    { model, request, previews, onStep }: ImageOrder,
    { index, seed, stop }: { index: number; seed: number; stop: AbortSignal },
  ): Promise<PaintedImage> {
    return this.pool.use(model, async (painter) => {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new PaintTimeoutError(this.#seconds)), this.#seconds * 1000);
      const signal = AbortSignal.any([stop, late.signal]);
      const start = performance.now();
      let seconds: number | undefined;
      try {
        const image = await painter.paint(
          { ...request, seed },
          { signal, previews, onStep: (progress) => onStep?.(index, progress) },
        );
        seconds = (performance.now() - start) / 1000;
        return image;
      } finally {
        clearTimeout(timer);
        this.#onEnd(model, seconds);
      }
    });
  }
}
