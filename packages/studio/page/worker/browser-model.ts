import {
  describeSource,
  hasPreview,
  openPainter,
  parseWordList,
  promptNotes,
  settingNotes,
  settingsText,
  WORDS_FILE,
  wordNotes,
  type CallNote,
  type GenerateOptions,
  type KnownWords,
  type Painter,
} from '@lascaux/pipeline/core';
import { insertPngText } from '@lascaux/pipeline/settings';
import type { ManifestModel } from '../../src/static-manifest.js';
import type { Explanation, LoadingReport, ModelFacts, PaintEvents, PaintOrder } from '../backend/backend.js';
import { modelSource } from './model-files.js';
import { pngOf, readMask, readPicture } from './pixels.js';
import { openRuntime } from './runtime.js';

/** Where a model comes from, and who is told while it does. */
export interface BrowserModelOptions {
  readonly model: ManifestModel;
  /** The page's address. */
  readonly base: URL;
  /** Where ONNX Runtime's WebAssembly lies. */
  readonly runtime: URL;
  readonly report: LoadingReport;
  /** Called when it is ready to paint. */
  readonly onLoaded: () => void;
  readonly mayUseGpu: boolean;
}

/** ONNX Runtime's level of messages that are errors. */
const ERRORS = 3;

interface Loaded {
  readonly painter: Painter;
  readonly words: KnownWords | undefined;
}

/** A model beside the page; its weights are fetched when it is to paint for the first time. */
export class BrowserModel {
  readonly #options: BrowserModelOptions;
  #loading: Promise<Loaded> | undefined;

  constructor(options: BrowserModelOptions) {
    this.#options = options;
  }

  /** What can be chosen of it. */
  async describe(): Promise<ModelFacts> {
    const { model, base } = this.#options;
    const { defaults, sizes, samplers } = await describeSource(modelSource(model, base, () => undefined));
    return { id: model.name, defaults, multiple: sizes.multiple, largest: sizes.largest, samplers };
  }

  /** Paints an order. @throws LascauxError for what the model cannot do; the signal's reason */
  async paint(order: PaintOrder, events: PaintEvents, signal: AbortSignal): Promise<void> {
    const { painter, words } = await this.#load();
    const { model } = painter;
    const told = new Set<string>();
    const tell = (notes: readonly CallNote[]): void =>
      notes.map(lineOfNote).forEach((line) => {
        if (!told.has(line)) events.onNote(line);
        told.add(line);
      });
    const options = await optionsOf(order);
    tell([...settingNotes(options, model, order), ...wordNotes(order, words)]);
    const result = await painter.generate({
      ...options,
      signal,
      onStep: async ({ image: index, step, steps, preview }) => {
        if (hasPreview({ step, steps }, order.previews))
          events.onPreview({ index, step, steps, image: await pngOf(await preview()) });
        // The network held this thread during the step: now a message that arrived meanwhile is heard.
        await new Promise((resolve) => setTimeout(resolve));
      },
      onImage: async (image, resolved) => {
        const { seed, width, height } = image;
        const parameters = settingsText(resolved, { seed, model: model.name });
        const png = new Uint8Array(await (await pngOf(image)).arrayBuffer());
        const file = new Blob([insertPngText(png, 'parameters', parameters) as Uint8Array<ArrayBuffer>], {
          type: 'image/png',
        });
        events.onImage({ index: seed - order.seed, seed, image: file, width, height });
      },
    });
    tell(promptNotes(result));
  }

  /** What happens in an order, without painting. */
  async explain(order: PaintOrder): Promise<Explanation> {
    const { painter } = await this.#load();
    return painter.explain(await optionsOf(order));
  }

  /** Frees its memory; it can be loaded again. */
  async dispose(): Promise<void> {
    const loaded = await this.#loading?.catch(() => undefined);
    this.#loading = undefined;
    await loaded?.painter.dispose();
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#open().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #open(): Promise<Loaded> {
    const { model, base, runtime: folder, report, onLoaded } = this.#options;
    // Pictures to start from are read by the encoder, which is fetched when there is one.
    const total = model.files.reduce(
      (sum, { path, bytes }) => (path.startsWith('vae_encoder/') ? sum : sum + bytes),
      0,
    );
    let arrived = 0;
    const source = modelSource(model, base, (bytes) => {
      arrived += bytes;
      report(`fetching ${model.name}: ${megabytes(arrived)} of ${megabytes(total)} MB`, Math.min(1, arrived / total));
    });
    const words = await readWords(await source.read(WORDS_FILE));
    const open = async (mayUseGpu: boolean): Promise<Painter> => {
      const { runtime, executionProviders, name } = await openRuntime(folder, mayUseGpu);
      report(`opening ${model.name} (${name})`);
      return openPainter({
        source,
        runtime,
        sessionOptions: { executionProviders: [...executionProviders], logSeverityLevel: ERRORS },
      });
    };
    // A GPU may be there and not do what a model needs.
    const painter = await open(this.#options.mayUseGpu).catch(() => {
      arrived = 0;
      return open(false);
    });
    onLoaded();
    return { painter, words };
  }
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const lineOfNote = ({ option, text }: CallNote): string => (option === undefined ? text : `${option}: ${text}`);

/** An order in the words of the library. */
async function optionsOf({ source, previews: _, model: _model, ...options }: PaintOrder): Promise<GenerateOptions> {
  if (source === undefined) return options;
  const image = await readPicture(source.image, options);
  const mask = source.mask && (await readMask(source.mask, options));
  return { ...options, image, mask, strength: source.strength };
}

async function readWords(bytes: Uint8Array | undefined): Promise<KnownWords | undefined> {
  if (bytes === undefined) return undefined;
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  return parseWordList(await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).text());
}
