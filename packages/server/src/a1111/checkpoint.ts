import { modelNamed } from '../painting/model-pool.js';
import type { ServedModel } from '../painting/served-model.js';

/** The model that is chosen, as AUTOMATIC1111 has one for everybody. */
export class Checkpoint {
  readonly models: readonly ServedModel[];
  #chosen: ServedModel;

  /** @param models at least one */
  constructor(models: readonly ServedModel[]) {
    this.models = models;
    this.#chosen = models[0]!;
  }

  get chosen(): ServedModel {
    return this.#chosen;
  }

  /** The model of a title, else the one that is chosen. @throws UnknownModelError */
  of(title: string | undefined): ServedModel {
    return title === undefined || title === '' ? this.#chosen : modelNamed(this.models, nameOf(title));
  }

  /** @throws UnknownModelError */
  choose(title: string): void {
    this.#chosen = this.of(title);
  }
}

/** AUTOMATIC1111's titles end with a hash in brackets. */
const nameOf = (title: string): string => title.replace(/ \[[0-9a-f]+\]$/, '');
