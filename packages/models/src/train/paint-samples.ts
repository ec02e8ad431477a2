import { join } from 'node:path';
import { fromPixels, type ImageSet, saveGrid, shuffledIndices } from '@lascaux/data';
import { guidedNetwork, schedulerFromConfig } from '@lascaux/diffusion';
import { type LatentSet, type NoiseProcess, schedulerConfigOf } from '@lascaux/diffusion/train';
import { randomStream, writeFileAtomically } from '@lascaux/nn';
import { type UNet2DConditionConfig, unetProgram } from '@lascaux/nn/networks';
import type { TrainingView } from '@lascaux/training';
import { loadVaeDecoder } from '@lascaux/vae';

/** How samples are painted, and what the finished model recommends for itself. */
export const SAMPLING = { steps: 20, guidance: 3 } as const;
const MOST_SAMPLES = 16;

/** What a grid of samples is painted with. */
export interface SampleOptions {
  readonly config: UNet2DConditionConfig;
  readonly process: NoiseProcess;
  readonly set: ImageSet;
  readonly latents: LatentSet;
  /** Side of a latent in cells, and of a picture in pixels. */
  readonly cells: number;
  readonly size: number;
  /** Folder of the VAE's decoder. */
  readonly decoder: string;
  readonly seed: number;
}

/** Positions of up to 16 pictures with different captions, the same ones for a seed. */
export function samplePrompts(set: ImageSet, seed: number): readonly number[] {
  const indexAt = shuffledIndices(set.length, seed);
  const chosen = new Map<string, number>();
  for (let k = 0; k < set.length && chosen.size < MOST_SAMPLES; k++) {
    const index = indexAt(k);
    if (!chosen.has(set.caption(index))) chosen.set(set.caption(index), index);
  }
  return [...chosen.values()];
}

/**
 * Paints pictures of captions of the data with the weights of a running training (DDIM with guidance) into `samples/`; picture k starts
 * from the noise of seed k, so that grids of one run can be compared.
 */
export async function paintSamples(view: TrainingView, options: SampleOptions): Promise<void> {
  const { set, size, seed, decoder: folder } = options;
  const indices = samplePrompts(set, seed);
  const latents = await sampleLatents(view, indices, options);
  const decoder = await loadVaeDecoder(folder);
  try {
    const length = latents.length / indices.length;
    const pictures: Uint8Array[] = [];
    for (let k = 0; k < indices.length; k++) {
      const latent = latents.slice(k * length, (k + 1) * length);
      pictures.push(
        fromPixels(await decoder.decode(latent, { height: size, width: size }), { height: size, width: size }),
      );
    }
    const path = join(view.folder.samples, `${String(view.imagesSeen).padStart(8, '0')}.png`);
    await saveGrid(path, pictures, { height: size, width: size, columns: 4 });
    const captions = indices.map((index, k) => `${k}: ${set.caption(index)}\n`).join('');
    await writeFileAtomically(join(view.folder.samples, 'captions.txt'), captions);
  } finally {
    await decoder.dispose();
  }
}

/** Latents of the captions at `indices`: [N, C, h, w]. */
async function sampleLatents(
  { engine, weights }: TrainingView,
  indices: readonly number[],
  { config, process, latents, cells }: SampleOptions,
): Promise<Float32Array> {
  const count = indices.length;
  const width = latents.unconditional.length;
  const tokens = width / config.cross_attention_dim;
  const shape = [2 * count, config.in_channels, cells, cells];
  const program = unetProgram(config, { batch: 2 * count, height: cells, width: cells, tokens });
  const executable = await engine.compile(program);
  const embeddings = new Float32Array(2 * count * width);
  indices.forEach((index, k) => {
    embeddings.set(latents.unconditional, k * width);
    embeddings.set(latents.embedding(index), (count + k) * width);
  });
  const conditioning = engine.upload(embeddings, [2 * count, tokens, config.cross_attention_dim]);
  const network = async (x: Float32Array, timestep: number): Promise<Float32Array> => {
    const inputs = { sample: engine.upload(x, shape), timestep: engine.upload(Float32Array.of(timestep), []) };
    const { out_sample: output } = await executable.run({ ...weights, ...inputs, encoder_hidden_states: conditioning });
    const values = Float32Array.from((await output!.read()) as Float32Array);
    for (const tensor of [...Object.values(inputs), output!]) tensor.dispose();
    return values;
  };
  try {
    const scheduler = schedulerFromConfig(schedulerConfigOf(process));
    const guided = guidedNetwork(network, { guidanceScale: SAMPLING.guidance });
    const size = config.in_channels * cells * cells;
    const x = new Float32Array(count * size);
    for (let k = 0; k < count; k++) x.set(randomStream(k).normal(size), k * size);
    const plan = scheduler.plan({ steps: SAMPLING.steps });
    return await scheduler.sample(scheduler.denoiser(guided, { batch: count }), x, { plan });
  } finally {
    conditioning.dispose();
    await executable.dispose();
  }
}
