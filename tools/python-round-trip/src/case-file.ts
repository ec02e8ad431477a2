import { readSafetensors, writeSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import type { GenerateOptions } from '@lascaux/pipeline';

/** A picture of bytes, row by row: RGB, or one value a pixel. */
export interface Bytes {
  readonly values: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** One painting that Python and this repository repeat: what goes in, every random draw, and the picture. */
export interface Case {
  /** The model folder's name. */
  readonly model: string;
  /** Options of `generate`; `strength` where a picture is started from. */
  readonly options: GenerateOptions;
  /** Draws of unit deviation in the order of `generate`'s `noise`. */
  readonly noise: readonly Float32Array[];
  readonly pixels: Bytes;
  /** The picture to start from. */
  readonly image?: Bytes;
  /** Where to repaint. */
  readonly mask?: Bytes;
}

const bytesOf = (tensor: SafetensorsTensor): Bytes => {
  const [height = 0, width = 0] = tensor.shape;
  return { values: tensor.data as Uint8Array, width, height };
};

const tensorOf = ({ values, width, height }: Bytes): SafetensorsTensor => ({
  dtype: 'U8',
  shape: values.length === width * height ? [height, width] : [height, width, values.length / (width * height)],
  data: values,
});

/**
 * Reads a case: a safetensors file whose metadata hold the options.
 * @throws LascauxError when the file is damaged.
 */
export async function readCase(path: string): Promise<Case> {
  const { tensors, metadata } = await readSafetensors(path);
  const described = JSON.parse(metadata.case ?? '{}') as Pick<Case, 'model' | 'options'>;
  const noise: Float32Array[] = [];
  for (let draw = tensors.get('noise.0'); draw !== undefined; draw = tensors.get(`noise.${noise.length}`))
    noise.push(draw.data as Float32Array);
  const [pixels, image, mask] = ['pixels', 'image', 'mask'].map((name) => tensors.get(name));
  return {
    ...described,
    noise,
    pixels: bytesOf(pixels!),
    ...(image ? { image: bytesOf(image) } : {}),
    ...(mask ? { mask: bytesOf(mask) } : {}),
  };
}

/** Writes a case for Python to repeat. */
export async function writeCase(path: string, { model, options, noise, pixels }: Case): Promise<void> {
  const draws = noise.map((data, i) => [`noise.${i}`, { dtype: 'F32', shape: [data.length], data }] as const);
  const tensors: Record<string, SafetensorsTensor> = { pixels: tensorOf(pixels), ...Object.fromEntries(draws) };
  await writeSafetensors(path, tensors, { case: JSON.stringify({ model, options }) });
}
