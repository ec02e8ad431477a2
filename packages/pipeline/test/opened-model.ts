import { openModelFolder } from '@lascaux/models';
import { TextToImagePipeline, type Picture } from '@lascaux/pipeline';
import type { Tensor } from 'onnxruntime-common';
import { afterAll } from 'vitest';
import { loadParts } from '../src/generate/load-parts.js';

type Told = Readonly<Record<string, Tensor>>;

/** A model's pipeline, its text encoders, its denoiser as it lies there, and what this was told in each call. */
export async function opened(folder: string) {
  const model = await openModelFolder(folder);
  const parts = await loadParts(model, {});
  const told: Told[] = [];
  const timesteps: number[] = [];
  const denoiser: typeof parts.denoiser = {
    ...parts.denoiser,
    bind: (binding) => {
      told.push(binding.inputs);
      const network = parts.denoiser.bind(binding);
      return (x, t) => {
        timesteps.push(t);
        return network(x, t);
      };
    },
  };
  return {
    pipeline: new TextToImagePipeline(model, { ...parts, denoiser }),
    told,
    timesteps,
    texts: parts.textEncoders,
    denoiser: parts.denoiser,
  };
}

type Opened = Awaited<ReturnType<typeof opened>>;
const open = new Map<() => Promise<string>, Promise<Opened>>();
afterAll(async () => {
  for (const model of open.values()) await (await model).pipeline.dispose();
});

/** A model opened once for all tests, its records empty. */
export async function shared(make: () => Promise<string>): Promise<Opened> {
  const known = open.get(make) ?? make().then(opened);
  open.set(make, known);
  const model = await known;
  model.told.length = 0;
  model.timesteps.length = 0;
  return model;
}

/** Its values. */
export const floats = (tensor: Tensor | undefined): number[] => [...(tensor?.data as Float32Array)];
/** The values of one image's row. */
export const row = (tensor: Tensor | undefined, k: number): number[] => {
  const size = tensor!.size / tensor!.dims[0]!;
  return floats(tensor).slice(k * size, (k + 1) * size);
};

/** An image of many colours. */
export const picture = (width: number, height: number): Picture => ({
  width,
  height,
  pixels: Uint8Array.from({ length: 3 * width * height }, (_, i) => (7 * i) % 256),
});
/** A mask that repaints the left half. */
export const leftHalf = (width: number, height: number) => ({
  width,
  height,
  values: Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 255 : 0)),
});
