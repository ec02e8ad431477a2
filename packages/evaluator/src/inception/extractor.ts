import { createHash } from 'node:crypto';
import { Tensor } from 'onnxruntime-common';
import { encodeModel, openSession } from '@lascaux/nn/onnx';
import type { ImageFeatureExtractor, RgbBatch } from '../feature-extractor.js';
import { inceptionGraph, type InceptionDimensions } from './graph.js';
import { INCEPTION_SIZE, preprocessForInception, type FidConvention } from './preprocess.js';
import { foldedLayer, readInceptionWeights, type WeightTensors } from './weights.js';

const PIXELS = 3 * INCEPTION_SIZE * INCEPTION_SIZE;

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
  const session = await openSession(model, { device, threads });
  const name = `inception-${dimensions}-${convention}`;
  return {
    name,
    dimensions,
    fingerprint: `${name}-${createHash('sha256').update(model).digest('hex').slice(0, 16)}`,
    async extract(batch) {
      const images = new Tensor('float32', preprocessBatch(batch, convention), [
        batch.count,
        3,
        INCEPTION_SIZE,
        INCEPTION_SIZE,
      ]);
      const { features } = await session.run({ images });
      return Float32Array.from(features?.data as Float32Array);
    },
    dispose: () => session.release(),
  };
}

function preprocessBatch({ pixels, count, height, width }: RgbBatch, convention: FidConvention): Float32Array {
  const images = new Float32Array(count * PIXELS);
  const bytes = 3 * height * width;
  for (let i = 0; i < count; i++) {
    const picture = { pixels: pixels.subarray(i * bytes, (i + 1) * bytes), height, width };
    images.set(preprocessForInception(picture, convention), i * PIXELS);
  }
  return images;
}
