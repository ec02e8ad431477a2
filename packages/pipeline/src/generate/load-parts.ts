import { join, relative } from 'node:path';
import { checkExternalData, findDamagedWeights, type ModelFolder, type TextPart } from '@lascaux/models';
import type { LoraChoice, ReplacedWeights } from '@lascaux/models/lora';
import { disposeAll } from '@lascaux/nn';
import { loadTextEncoder, type TextEncoder } from '@lascaux/text-encoder';
import { loadVaeDecoder, loadVaeEncoder, type VaeEncoder } from '@lascaux/vae';
import type { TextEncoders } from '../family/family.js';
import { familyOf } from '../family/family-of.js';
import { textPartsOf } from '../family/text-parts.js';
import { openSession, type SessionOptions } from '@lascaux/nn/session';
import { denoiserFromSession, type DenoiserSession } from '../network/denoiser-session.js';
import type { LoadOptions, PipelineParts } from './pipeline-types.js';

/** What `loadParts` is told. */
export interface PartOptions extends Pick<LoadOptions, 'device' | 'signal' | 'loras'> {
  /** Folder of the graph that decodes previews. */
  readonly previewDecoder?: string;
}

/**
 * Loads the three stages at the same time; when one fails or the signal stops it, the others are released.
 * @throws LascauxError naming the file that is broken; the signal's reason when it is aborted.
 */
export async function loadParts(
  model: ModelFolder,
  { device = 'cpu', signal, loras = [], previewDecoder: previewFolder }: PartOptions,
): Promise<PipelineParts> {
  signal?.throwIfAborted();
  const { path, parts, vaeConfig: config } = model;
  const textParts = textPartsOf(model);
  const previews = previewFolder === undefined ? [] : [previewFolder];
  const folders = [...textParts.map(({ folder }) => folder), parts.denoiser, parts.vaeDecoder, ...previews];
  await Promise.all(folders.map((folder) => checkExternalData(join(folder, 'model.onnx'))));
  signal?.throwIfAborted();
  const replaced = await weightsWithLoras(loras, { denoiser: parts.denoiser, textParts });
  signal?.throwIfAborted();
  const texts = textParts.map(({ tokenizer, optional: _, folder: __, ...need }) => {
    const sessionOptions = { device, weights: replaced.get(need.component) };
    return loadTextEncoder(path, { ...need, tokenizer: relative(path, tokenizer), sessionOptions });
  });
  const inputs = familyOf(model).inputs;
  const denoising = loadDenoiser(parts.denoiser, { device, inputs, weights: replaced.get(DENOISER) });
  const decoding = loadVaeDecoder(parts.vaeDecoder, { device });
  const previewing = previewFolder === undefined ? [] : [loadVaeDecoder(previewFolder, { device })];
  const loading = [...texts, denoising, decoding, ...previewing];
  try {
    await Promise.all(loading);
    const [denoiser, vaeDecoder, encoders] = await Promise.all([denoising, decoding, Promise.all(texts)]);
    const previewDecoder = await previewing[0];
    const textEncoders = named(textParts, encoders);
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

/** What weights of the denoiser are called among those of text encoders. */
const DENOISER = 'denoiser';

/** Weights that LoRAs change, by component; the merging is loaded only where there are some. */
async function weightsWithLoras(
  loras: readonly LoraChoice[],
  { denoiser, textParts }: { readonly denoiser: string; readonly textParts: readonly TextPart[] },
): Promise<ReadonlyMap<string, readonly ReplacedWeights[]>> {
  if (loras.length === 0) return new Map();
  const { mergeLoras } = await import('@lascaux/models/lora');
  const folders = Object.fromEntries(textParts.map(({ component, folder }) => [component, folder]));
  const merged = await mergeLoras(loras, { ...folders, [DENOISER]: denoiser });
  return new Map([...merged].map(([component, weights]) => [component, [weights]]));
}

/** The encoders by the names of their parts. */
const named = (parts: readonly TextPart[], encoders: readonly TextEncoder[]): TextEncoders =>
  Object.fromEntries(parts.map(({ component }, k) => [component, encoders[k]!]));

/**
 * Loads `unet/` or `transformer/` of a model folder.
 * @throws LascauxError naming the file that is missing or truncated, or inputs that are not known.
 */
export async function loadDenoiser(
  folder: string,
  { inputs, ...options }: Pick<SessionOptions, 'device' | 'weights'> & { readonly inputs?: readonly string[] } = {},
): Promise<DenoiserSession> {
  const session = await openSession(join(folder, 'model.onnx'), options);
  try {
    return denoiserFromSession(session, folder, inputs);
  } catch (error) {
    await session.release();
    throw error;
  }
}
