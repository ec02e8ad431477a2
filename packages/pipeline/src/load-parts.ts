import { join, relative } from 'node:path';
import { loadTextEncoder, type TextEncoder } from '@lascaux/text-encoder';
import { loadVaeDecoder, loadVaeEncoder, type VaeEncoder } from '@lascaux/vae';
import { checkExternalData } from './model/external-data.js';
import { findDamagedWeights } from './model/damaged-weights.js';
import { loadDenoiser } from './model/denoiser-session.js';
import type { TextEncoders } from './family/family.js';
import type { ModelFolder } from './model/model-folder.js';
import type { ModelParts, TextPart } from './model/model-parts.js';
import type { LoadOptions, PipelineParts } from './pipeline-types.js';

/** Something that holds native memory. */
export interface Disposable {
  readonly dispose: () => Promise<void>;
}

/** Frees several parts; rejects with the first failure once all were tried. */
export async function disposeAll(parts: readonly Disposable[]): Promise<void> {
  const settled = await Promise.allSettled(parts.map((part) => part.dispose()));
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** What `loadParts` is told. */
export interface PartOptions extends Pick<LoadOptions, 'device' | 'signal'> {
  /** Folder of the graph that decodes previews. */
  readonly previewDecoder?: string;
}

/**
 * Loads the three stages at the same time; when one fails or the signal stops it, the others are released.
 * @throws LascauxError naming the file that is broken; the signal's reason when it is aborted.
 */
export async function loadParts(
  model: ModelFolder,
  { device = 'cpu', signal, previewDecoder: previewFolder }: PartOptions,
): Promise<PipelineParts> {
  signal?.throwIfAborted();
  const { path, parts, family, vaeConfig: config } = model;
  const folders = [...graphFolders(parts), ...(previewFolder === undefined ? [] : [previewFolder])];
  await Promise.all(folders.map((folder) => checkExternalData(join(folder, 'model.onnx'))));
  signal?.throwIfAborted();
  const texts = parts.textEncoders.map(({ tokenizer, optional: _, folder: __, ...need }) =>
    loadTextEncoder(path, { ...need, tokenizer: relative(path, tokenizer), sessionOptions: { device } }),
  );
  const denoising = loadDenoiser(parts.denoiser, { device, inputs: family.inputs });
  const decoding = loadVaeDecoder(parts.vaeDecoder, { device });
  const previewing = previewFolder === undefined ? [] : [loadVaeDecoder(previewFolder, { device })];
  const loading = [...texts, denoising, decoding, ...previewing];
  try {
    await Promise.all(loading);
    const [denoiser, vaeDecoder, encoders] = await Promise.all([denoising, decoding, Promise.all(texts)]);
    const previewDecoder = await previewing[0];
    const textEncoders = named(parts.textEncoders, encoders);
    signal?.throwIfAborted();
    const { vaeEncoder } = parts;
    const openEncoder = async (folder: string): Promise<VaeEncoder> => {
      await checkExternalData(join(folder, 'model.onnx'));
      return loadVaeEncoder(folder, { device, config });
    };
    const loadEncoder = vaeEncoder === undefined ? undefined : () => openEncoder(vaeEncoder);
    return { textEncoders, denoiser, vaeDecoder, previewDecoder, loadVaeEncoder: loadEncoder };
  } catch (error) {
    const settled = await Promise.allSettled(loading);
    await disposeAll(settled.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : [])));
    throw (await findDamagedWeights(folders)) ?? error;
  }
}

/** The encoders by the names of their parts. */
const named = (parts: readonly TextPart[], encoders: readonly TextEncoder[]): TextEncoders =>
  Object.fromEntries(parts.map(({ component }, k) => [component, encoders[k]!]));

const graphFolders = ({ textEncoders, denoiser, vaeDecoder }: ModelParts): string[] => [
  ...textEncoders.map(({ folder }) => folder),
  denoiser,
  vaeDecoder,
];
