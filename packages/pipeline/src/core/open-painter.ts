import type { ModelFolder } from '@lascaux/models';
import { modelOfSource } from '@lascaux/models/source';
import { LascauxError, disposeAll, sourceText, type ModelSource } from '@lascaux/nn';
import { textEncoderFromFiles, type TextEncoder, type TextFiles } from '@lascaux/text-encoder';
import { vaeDecoderFromSession, vaeEncoderFromSession } from '@lascaux/vae';
import type { InferenceSession } from 'onnxruntime-common';
import { familyOf } from '../family/family-of.js';
import { textPartsOf } from '../family/text-parts.js';
import { Painter } from '../generate/painter.js';
import type { PipelineParts } from '../generate/pipeline-types.js';
import { denoiserFromSession } from '../network/denoiser-session.js';
import { openGraph, type GraphRuntime, type SourceGraphs } from './graph-runtime.js';

/** How a model is opened that lies in no file system. */
export interface OpenPainterOptions {
  /** Where its files are read from. */
  readonly source: ModelSource;
  /** The ONNX Runtime that runs its graphs: the module `onnxruntime-web` or `onnxruntime-node`. */
  readonly runtime: GraphRuntime;
  /** Further options of the sessions, such as `executionProviders`. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
}

/**
 * Opens a model wherever it lies, with the runtime that is handed in: the same code paints in Node.js and in a browser. Why: docs/decisions/0151.
 * @throws LascauxError naming the file that is missing or malformed, or that the runtime cannot load
 */
export async function openPainter(options: OpenPainterOptions): Promise<Painter> {
  const model = await modelOfSource(options.source);
  return new Painter(model, await openParts(model, options));
}

/** Opens the stages one after the other: in a browser each is copied into one heap. */
async function openParts(model: ModelFolder, graphs: SourceGraphs): Promise<PipelineParts> {
  const { parts, vaeConfig: config } = model;
  const opened: { dispose: () => Promise<void> }[] = [];
  const keep = <Part extends { dispose: () => Promise<void> }>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  try {
    const textEncoders: Record<string, TextEncoder> = {};
    for (const { component, folder, tokenizer, maxLength, cacheSize, attendPadding } of textPartsOf(model))
      textEncoders[component] = keep(
        await textEncoderFromFiles({
          files: filesIn(graphs.source, folder),
          tokenizer: filesIn(graphs.source, tokenizer),
          openSession: () => openGraph(graphs, folder),
          ...{ t5Tokenizer, maxLength, cacheSize, attendPadding },
        }),
      );
    const denoiser = keep(
      denoiserFromSession(await openGraph(graphs, parts.denoiser), parts.denoiser, familyOf(model).inputs),
    );
    const decoder = await openGraph(graphs, parts.vaeDecoder);
    const vaeDecoder = keep(vaeDecoderFromSession(decoder, { config, name: parts.vaeDecoder }));
    const { vaeEncoder: name } = parts;
    const openEncoder = async (folder: string) =>
      vaeEncoderFromSession(await openGraph(graphs, folder), { config, name: folder });
    const loadVaeEncoder = name === undefined ? undefined : () => openEncoder(name);
    return { textEncoders, denoiser, vaeDecoder, loadVaeEncoder };
  } catch (error) {
    await disposeAll(opened);
    throw error;
  }
}

const filesIn = (source: ModelSource, folder: string): TextFiles => ({
  folder,
  text: (name, largest) => sourceText(source, folder === '' ? name : `${folder}/${name}`, largest),
});

/** transformers.js reads T5's tokenizers from a folder on disk. */
const t5Tokenizer = ({ folder }: TextFiles): Promise<never> =>
  Promise.reject(
    new LascauxError({ operation: folder, rule: 'a T5 tokenizer can be read from a folder on disk only' }),
  );
