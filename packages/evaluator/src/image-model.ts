import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import { openInferenceThread, type InferenceThread } from '@lascaux/nn/onnx';
import {
  concatenated,
  extractInStages,
  type ExtractionStages,
  type ImageFeatureExtractor,
} from './feature-extractor.js';
import { antialiasedBicubic } from './resize/axis-filter.js';
import { resizePicture, type RgbPicture } from './resize/resize.js';

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

/** How pictures become what the model takes. */
interface Preprocessing {
  readonly size: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/**
 * Opens any ONNX image model [batch, 3, size, size] → [batch, dimensions] as a feature extractor: a CLIP image encoder, a
 * classifier. Pictures are resized to the square with antialiased bicubic.
 *
 * @throws LascauxError when the model cannot be opened, has no such output, or does not declare sizes that are needed.
 */
export async function openImageModel(options: ImageModelOptions): Promise<ImageFeatureExtractor> {
  const { model, name, device, threads, mean = HALVES, deviation = HALVES } = options;
  const thread = await openInferenceThread(model, { device, threads });
  try {
    const { input, output, size, dimensions, batch } = interfaceOf(thread, options);
    const stages: ExtractionStages = {
      prepare: (picture) => preprocess(picture, { size, mean, deviation }),
      infer: (prepared) =>
        inBatches(prepared, batch, (images) =>
          thread.run({ input, output }, { data: concatenated(images), dims: [images.length, 3, size, size] }),
        ),
    };
    return {
      name,
      dimensions,
      fingerprint: `${name}-${await digest(model)}-${[output, size, ...mean, ...deviation].join('-')}`,
      extract: extractInStages(stages),
      stages,
      dispose: () => thread.dispose(),
    };
  } catch (error) {
    await thread.dispose();
    throw error;
  }
}

interface ModelInterface {
  readonly input: string;
  readonly output: string;
  readonly size: number;
  readonly dimensions: number;
  /** Pictures that the graph takes at once; undefined: any number. */
  readonly batch: number | undefined;
}

function interfaceOf({ inputs, outputs }: InferenceThread, options: ImageModelOptions): ModelInterface {
  const { name: operation } = options;
  const output = options.output ?? outputs[0]?.name ?? '';
  const [input] = inputs;
  const result = outputs.find((declared) => declared.name === output);
  const accepted = outputs.map((declared) => declared.name);
  if (!input?.isTensor || !result?.isTensor)
    throw new LascauxError({ operation, rule: 'the model has no such tensor', value: output, accepted });
  check(inputs.length === 1 && input.shape.length === 4, {
    operation,
    rule: 'the model must take one tensor [batch, 3, height, width]',
    value: inputs.map((declared) => declared.name).join(', '),
  });
  const size = options.size ?? Number(input.shape[3]);
  const dimensions = Number(result.shape.at(-1));
  for (const [what, length] of [
    ['input size', size],
    ['output dimensions', dimensions],
  ] as const) {
    check(length > 0, { operation, rule: `${what} must be declared as a number`, value: length });
  }
  const batch = Number(input.shape[0]);
  return { input: input.name, output, size, dimensions, batch: batch > 0 ? batch : undefined };
}

/** Runs pictures in batches of the size that the graph takes. */
async function inBatches(
  prepared: readonly Float32Array[],
  size: number | undefined,
  infer: (images: readonly Float32Array[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  if (size === undefined || size === prepared.length) return infer(prepared);
  const parts: Float32Array[] = [];
  for (let start = 0; start < prepared.length; start += size) {
    const images = prepared.slice(start, start + size);
    const missing = Array.from({ length: size - images.length }, () => new Float32Array(images[0]?.length ?? 0));
    const features = await infer([...images, ...missing]);
    const dimensions = features.length / size;
    for (let i = 0; i < images.length; i++) parts.push(features.subarray(i * dimensions, (i + 1) * dimensions));
  }
  return concatenated(parts);
}

/** Digest of a model, with the files beside it whose names it mentions: its external weights. */
async function digest(model: string | Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  if (typeof model !== 'string') return hash.update(model).digest('hex').slice(0, 16);
  const bytes = await readFile(model);
  hash.update(bytes);
  const folder = dirname(model);
  for (const name of (await readdir(folder)).sort()) {
    if (name !== basename(model) && bytes.includes(name)) hash.update(await readFile(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Planes [3][size][size]. */
function preprocess(picture: RgbPicture, { size, mean, deviation }: Preprocessing): Float32Array {
  const planes = resizePicture(picture, { height: size, width: size }, antialiasedBicubic);
  const area = size * size;
  return planes.map((value, at) => {
    const channel = Math.floor(at / area);
    const unit = Math.min(Math.max(value, 0), 255) / 255;
    return (unit - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  });
}
