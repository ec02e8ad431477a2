import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  dimensionsOfWeights,
  openImageModel,
  openInception,
  readInceptionWeights,
  type FidConvention,
  type ImageFeatureExtractor,
} from '../index.js';
import { LascauxError, check } from '@lascaux/nn';
import { modelName, resolveModel } from '@lascaux/models';
import type { ClipModelOptions, EvaluationOptions, FeatureOptions } from './evaluation-options.js';
import type { ExtractorFacts } from './evaluation-result.js';
import { findInceptionWeights } from './inception-weights.js';

/** A network that is ready, and what is to be said of it. */
export interface OpenedExtractor {
  readonly extractor: ImageFeatureExtractor;
  readonly facts: ExtractorFacts;
  /** The folder of the model whose part it is. */
  readonly model?: string;
}

const conventionWords: Readonly<Record<FidConvention, string>> = {
  'pytorch-fid': 'pytorch-fid (bilinear with half-pixel centres, no antialiasing; 2x − 1)',
  'clean-fid': 'clean-fid (antialiased bicubic in float; (x − 128)/128)',
  'torch-fidelity': "torch-fidelity and the original (TensorFlow 1's bilinear; (x − 128)/128)",
};

/** Opens what `features` asks for. @throws LascauxError when weights are missing, broken, or end too early. */
export async function openExtractor(options: FeatureOptions): Promise<OpenedExtractor> {
  return options.features === 'clip' ? openClipImages(options) : openFidInception(options);
}

async function openFidInception(options: FeatureOptions): Promise<OpenedExtractor> {
  const { convention = 'pytorch-fid', dimensions = 2048, device, threads, signal, onProgress } = options;
  const path = await findInceptionWeights(options.weights, {
    signal,
    onProgress: (done, total) => onProgress?.({ what: 'bytes of weights', done, total }),
  });
  const weights = await readInceptionWeights(path);
  const possible = dimensionsOfWeights(weights);
  check(possible.length > 0, { operation: path, rule: 'must hold FID Inception weights', value: firstNames(weights) });
  if (!possible.includes(dimensions)) {
    throw new LascauxError({
      option: 'dimensions',
      rule: `the weights in ${path} have no layers for that many`,
      value: dimensions === 1008 ? 'logits' : dimensions,
      accepted: possible.map((known) => (known === 1008 ? 'logits' : String(known))),
      kind: 'usage',
    });
  }
  const extractor = await openInception({ weights, dimensions, convention, device, threads });
  const { name } = extractor;
  return { extractor, facts: { name, dimensions, convention: conventionWords[convention], weights: basename(path) } };
}

const firstNames = (weights: ReadonlyMap<string, unknown>): string => `${[...weights.keys()].slice(0, 3).join(', ')} …`;

/** The image encoder of a model folder or of a model on the hub. @throws LascauxError when the model has none. */
export async function openClipImages(options: EvaluationOptions & ClipModelOptions): Promise<OpenedExtractor> {
  const { device, threads, hub, signal } = options;
  const model = await resolveModel(options.model, { ...hub, signal, also: ['image_encoder'] });
  const named = modelName(model);
  const folder = join(model, 'image_encoder');
  const size = await imageSize(folder);
  const name = `clip-${named}`;
  const path = join(folder, 'model.onnx');
  const extractor = await openImageModel({ model: path, name, output: 'image_embeds', size, device, threads });
  const facts = {
    name,
    dimensions: extractor.dimensions,
    convention: `antialiased bicubic to ${size} × ${size}`,
    weights: path,
    incomparable: `they are features of ${named}'s own small CLIP; use them to compare sets with each other`,
  };
  return { extractor, facts, model };
}

async function imageSize(folder: string): Promise<number> {
  try {
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { image_size?: unknown };
    return Number(config.image_size);
  } catch (cause) {
    const rule = 'the model must have image_encoder/ with config.json and model.onnx';
    throw new LascauxError({ option: 'model', rule, value: folder, kind: 'usage', cause });
  }
}
