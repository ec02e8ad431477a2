import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LascauxError } from '@lascaux/nn';
import { openSession } from '@lascaux/nn/onnx';
import { Tensor } from 'onnxruntime-common';
import type { ImageFeatureExtractor, RgbBatch } from './feature-extractor.js';
import { antialiasedBicubic } from './resize/axis-filter.js';
import { resizePicture } from './resize/resize.js';

/** Options of {@link openImageModel}. */
export interface ImageModelOptions {
  /** A model file, or its bytes. Bytes cannot point to external data. */
  readonly model: string | Uint8Array;
  /** Named with every figure made from it. */
  readonly name: string;
  /** Output to take: `image_embeds`, `logits` …; default the first one. */
  readonly output?: string;
  /** Side of the square input in pixels; default what the model declares. */
  readonly size?: number;
  /** Mean and deviation of each channel for pixels in [0, 1]; default ½ and ½, which gives [−1, 1]. */
  readonly mean?: readonly [number, number, number];
  readonly deviation?: readonly [number, number, number];
  /** ONNX Runtime execution provider, default `cpu`. */
  readonly device?: string;
  readonly threads?: number;
}

const HALVES = [0.5, 0.5, 0.5] as const;

/**
 * Opens any ONNX image model [batch, 3, size, size] → [batch, dimensions] as a feature extractor: a CLIP image encoder, a
 * classifier. Pictures are resized to the square with antialiased bicubic.
 *
 * @throws LascauxError when the model cannot be opened, has no such output, or does not declare sizes that are needed.
 */
export async function openImageModel(options: ImageModelOptions): Promise<ImageFeatureExtractor> {
  const { model, name, device, threads, mean = HALVES, deviation = HALVES } = options;
  const session = await openSession(model, { device, threads });
  const output = options.output ?? session.outputNames[0] ?? '';
  const [input] = session.inputMetadata;
  const result = session.outputMetadata.find((declared) => declared.name === output);
  if (!input?.isTensor || !result?.isTensor) {
    throw new LascauxError({
      operation: name,
      rule: 'the model has no such tensor',
      value: output,
      accepted: session.outputNames,
    });
  }
  const size = options.size ?? Number(input.shape[3]);
  const dimensions = Number(result.shape.at(-1));
  for (const [what, length] of [
    ['input size', size],
    ['output dimensions', dimensions],
  ] as const) {
    if (!(length > 0))
      throw new LascauxError({ operation: name, rule: `${what} must be declared as a number`, value: length });
  }
  return {
    name,
    dimensions,
    fingerprint: `${name}-${digest(typeof model === 'string' ? await readFile(model) : model)}-${[output, size, ...mean, ...deviation].join('-')}`,
    async extract(batch) {
      const pixels = preprocess(batch, { size, mean, deviation });
      const feeds = { [input.name]: new Tensor('float32', pixels, [batch.count, 3, size, size]) };
      const results = await session.run(feeds, [output]);
      return Float32Array.from(results[output]?.data as Float32Array);
    },
    dispose: () => session.release(),
  };
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

function preprocess(
  batch: RgbBatch,
  options: { size: number; mean: readonly number[]; deviation: readonly number[] },
): Float32Array {
  const { size, mean, deviation } = options;
  const { pixels, count, height, width } = batch;
  const area = size * size;
  const bytes = 3 * height * width;
  const result = new Float32Array(count * 3 * area);
  for (let i = 0; i < count; i++) {
    const picture = { pixels: pixels.subarray(i * bytes, (i + 1) * bytes), height, width };
    const planes = resizePicture(picture, { height: size, width: size }, antialiasedBicubic);
    planes.forEach((value, at) => {
      const channel = Math.floor(at / area);
      const unit = Math.min(Math.max(value, 0), 255) / 255;
      result[i * 3 * area + at] = (unit - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
    });
  }
  return result;
}
