import { LascauxError } from '@lascaux/nn';
import type { Painter } from './painter.js';
import type { ServedModel } from './served-model.js';

/** What a pool is made of. */
export interface ModelPoolOptions {
  /** The models that are offered; the first is taken where a request names none. */
  readonly models: readonly ServedModel[];
  /** Loads a model. */
  readonly open: (model: ServedModel) => Promise<Painter>;
  /** Bytes that loaded models may take together, by {@link ServedModel.memory}; one model alone may take more. */
  readonly memory: number;
}

interface Loaded {
  readonly model: ServedModel;
  readonly painter: Promise<Painter>;
  users: number;
}

/** Models by name, loaded when they are asked for first; the one that was used longest ago makes room for another. */
export class ModelPool {
  readonly models: readonly ServedModel[];
  readonly #options: ModelPoolOptions;
  /** In the order of their last use. */
  readonly #loaded = new Map<string, Loaded>();
  #released: (() => void)[] = [];

  constructor(options: ModelPoolOptions) {
    this.#options = options;
    this.models = options.models;
  }

  /** Names of the models that are loaded, the one used longest ago first. */
  get loaded(): readonly string[] {
    return [...this.#loaded.keys()];
  }

  /**
   * Lends a loaded model to some work; others stay loaded as far as memory allows.
   * @throws LascauxError when the model cannot be loaded; what the work throws
   */
  async use<T>(model: ServedModel, work: (painter: Painter) => Promise<T>): Promise<T> {
    const entry = await this.#borrow(model);
    try {
      return await work(await entry.painter);
    } finally {
      entry.users--;
      for (const wake of this.#released.splice(0)) wake();
    }
  }

  /** Ends every painter; work that still runs fails. */
  async dispose(): Promise<void> {
    const entries = [...this.#loaded.values()];
    this.#loaded.clear();
    await Promise.allSettled(entries.map(async ({ painter }) => (await painter).dispose()));
  }

  /** A loaded model that nobody unloads until it is given back. Between looking for room and taking it nothing else runs. */
  async #borrow(model: ServedModel): Promise<Loaded> {
    for (let room = this.#roomFor(model); room !== undefined; room = this.#roomFor(model)) await room;
    const entry = this.#loaded.get(model.name) ?? this.#load(model);
    entry.users++;
    this.#loaded.delete(model.name);
    this.#loaded.set(model.name, entry);
    return entry;
  }

  #load(model: ServedModel): Loaded {
    const painter = this.#options.open(model);
    const entry: Loaded = { model, painter, users: 0 };
    const forget = (): void => {
      if (this.#loaded.get(model.name) === entry) this.#loaded.delete(model.name);
    };
    painter.then(({ broken }) => broken.then(forget), forget);
    return entry;
  }

  /** @returns undefined where a model is loaded or may be; else a change to wait for, after which it is to be asked again */
  #roomFor({ name, memory }: ServedModel): Promise<void> | undefined {
    if (this.#loaded.has(name) || this.#loaded.size === 0) return undefined;
    const entries = [...this.#loaded.values()];
    const taken = entries.reduce((sum, { model }) => sum + model.memory, 0);
    if (taken + memory <= this.#options.memory) return undefined;
    const idle = entries.find(({ users }) => users === 0);
    return idle === undefined ? new Promise((resolve) => this.#released.push(resolve)) : this.#unload(idle);
  }

  async #unload({ model, painter }: Loaded): Promise<void> {
    this.#loaded.delete(model.name);
    await painter.then((opened) => opened.dispose()).catch(() => undefined);
  }
}

/**
 * The model of a name; the first where none is named, or one of OpenAI's, which programs ask for that know no others.
 * @throws LascauxError (usage) with the names that there are
 */
export function modelNamed(models: readonly ServedModel[], name: string | undefined): ServedModel {
  const found = name === undefined || OPENAI_NAME.test(name) ? models[0] : undefined;
  const model = models.find((candidate) => candidate.name === name) ?? found;
  if (model !== undefined) return model;
  throw new UnknownModelError(name, models);
}

const OPENAI_NAME = /^(?:gpt-image|dall-e|chatgpt-image)-/;

/** A model that is not served here. */
export class UnknownModelError extends LascauxError {
  constructor(name: string | undefined, models: readonly ServedModel[]) {
    super({
      option: 'model',
      rule: 'no such model here',
      value: name,
      accepted: models.map((model) => model.name),
      kind: 'usage',
    });
  }
}
