import { createHash } from 'node:crypto';
import { encodeModel, openInferenceThread } from '@lascaux/nn/onnx';
import {
  concatenated,
  extractInStages,
  type ExtractionStages,
  type ImageFeatureExtractor,
} from '../feature-extractor.js';
import { INCEPTION_INPUT, INCEPTION_OUTPUT, inceptionGraph, type InceptionDimensions } from './graph.js';
import { INCEPTION_SIZE, preprocessForInception, type FidConvention } from './preprocess.js';
import { foldedLayer, readInceptionWeights, type WeightTensors } from './weights.js';

const NAMES = { input: INCEPTION_INPUT, output: INCEPTION_OUTPUT };

/** Options of {@link openInception}. */
export interface InceptionOptions {
  /** A safetensors file, or its tensors; see `foldedLayer` for the names. */
  readonly weights: string | WeightTensors;
  /** Default 2048, the usual FID; others must be called by their number ("FID-768"). 1008 gives the logits for the Inception Score. */
  readonly dimensions?: InceptionDimensions;
  /** Default `pytorch-fid`. */
  readonly convention?: FidConvention;
  /** ONNX Runtime execution provider, default `cpu`. */
  readonly device?: string;
  readonly threads?: number;
}

/**
 * Opens the FID Inception network (TensorFlow graph "2015-12-05") with ONNX Runtime.
 *
 * @throws LascauxError when weights are missing or of another shape, or the device is not there.
 */
export async function openInception(options: InceptionOptions): Promise<ImageFeatureExtractor> {
  const { weights, dimensions = 2048, convention = 'pytorch-fid', device, threads } = options;
  const tensors = typeof weights === 'string' ? await readInceptionWeights(weights) : weights;
  const model = encodeModel(inceptionGraph(dimensions, (layer) => foldedLayer(tensors, layer)));
  const name = `inception-${dimensions}-${convention}`;
  const fingerprint = `${name}-${createHash('sha256').update(model).digest('hex').slice(0, 16)}`;
  const thread = await openInferenceThread(model, { device, threads, handOver: true });
  const stages: ExtractionStages = {
    prepare: (picture) => preprocessForInception(picture, convention),
    infer: (images) =>
      thread.run(NAMES, { data: concatenated(images), dims: [images.length, 3, INCEPTION_SIZE, INCEPTION_SIZE] }),
  };
  return {
    name,
    dimensions,
    fingerprint,
    extract: extractInStages(stages),
    stages,
    dispose: () => thread.dispose(),
  };
}
