import { randomUUID } from 'node:crypto';
import type { ImageFormat } from '@lascaux/pipeline/image';

/** An image file that is kept for a while. */
export interface StoredImage {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
}

/** How long, and how much is kept. */
export interface ImageStoreOptions {
  /** Default 600. */
  readonly seconds?: number;
  /** Bytes; beyond them the oldest goes. Default 256 MB. */
  readonly capacity?: number;
}

/** Image files in memory, under names that nobody guesses. */
export class ImageStore {
  readonly #images = new Map<string, StoredImage & { readonly until: number }>();
  readonly #seconds: number;
  readonly #capacity: number;
  #bytes = 0;

  constructor({ seconds = 600, capacity = 256 * 2 ** 20 }: ImageStoreOptions = {}) {
    this.#seconds = seconds;
    this.#capacity = capacity;
  }

  /** @returns the name to ask for */
  put(image: StoredImage): string {
    const name = `${randomUUID()}.${image.format}`;
    this.#images.set(name, { ...image, until: Date.now() + this.#seconds * 1000 });
    this.#bytes += image.bytes.length;
    this.#forget();
    return name;
  }

  /** @returns undefined for a name that is not known, or no more */
  get(name: string): StoredImage | undefined {
    this.#forget();
    return this.#images.get(name);
  }

  /** The oldest stands first. */
  #forget(): void {
    for (const [name, { until, bytes }] of this.#images) {
      if (until > Date.now() && this.#bytes <= this.#capacity) return;
      this.#images.delete(name);
      this.#bytes -= bytes.length;
    }
  }
}
