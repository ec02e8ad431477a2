import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { encodeModel, type OnnxGraph } from '@lascaux/nn/onnx';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A folder with a `model.onnx` of the given graph, and a `config.json` when one is given. */
export async function componentFolder(graph: OnnxGraph, config?: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-vae-'));
  made.push(folder);
  await writeFile(join(folder, 'model.onnx'), encodeModel(graph));
  if (config !== undefined) await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

/** Channel c of the image = latent channel c, every cell a 2×2 square of pixels. Latents have 4 channels. */
export function decoderGraph(dtype: 'float32' | 'float16' = 'float32'): OnnxGraph {
  const pick = Float32Array.from({ length: 12 * 4 }, (_, i) => Number(Math.floor(i / 4) % 3 === i % 4));
  const cast = (to: number, input: string, output: string) => ({
    type: 'Cast',
    inputs: [input],
    outputs: [output],
    attributes: { to },
  });
  return {
    nodes: [
      cast(1, 'latent_sample', 'x'),
      { type: 'Conv', inputs: ['x', 'pick'], outputs: ['cells'], attributes: { kernel_shape: [1, 1] } },
      { type: 'DepthToSpace', inputs: ['cells'], outputs: ['y'], attributes: { blocksize: 2, mode: 'DCR' } },
      cast(dtype === 'float16' ? 10 : 1, 'y', 'sample'),
    ],
    initializers: [{ name: 'pick', dtype: 'float32', shape: [12, 4, 1, 1], source: { data: pick } }],
    inputs: [{ name: 'latent_sample', dtype, shape: ['batch', 4, 'height', 'width'] }],
    outputs: [{ name: 'sample', dtype, shape: ['batch', 3, 'tall', 'wide'] }],
  };
}

/** Mean channel c (of 4) = top left pixel of colour c, the fourth 0; log-variance = `logVariance` everywhere. */
export function encoderGraph(logVariance: number, outputName = 'latent_parameters'): OnnxGraph {
  const weights = new Float32Array(8 * 12);
  for (let c = 0; c < 3; c++) weights[c * 12 + c] = 1;
  const bias = Float32Array.from({ length: 8 }, (_, c) => (c < 4 ? 0 : logVariance));
  return {
    nodes: [
      { type: 'SpaceToDepth', inputs: ['sample'], outputs: ['cells'], attributes: { blocksize: 2 } },
      {
        type: 'Conv',
        inputs: ['cells', 'weights', 'bias'],
        outputs: [outputName],
        attributes: { kernel_shape: [1, 1] },
      },
    ],
    initializers: [
      { name: 'weights', dtype: 'float32', shape: [8, 12, 1, 1], source: { data: weights } },
      { name: 'bias', dtype: 'float32', shape: [8], source: { data: bias } },
    ],
    inputs: [{ name: 'sample', dtype: 'float32', shape: ['batch', 3, 'height', 'width'] }],
    outputs: [{ name: outputName, dtype: 'float32', shape: ['batch', 8, 'h', 'w'] }],
  };
}

/** Configuration of a VAE with two resolutions (spatial factor 2) and four latent channels. */
export const tinyConfig = { latent_channels: 4, block_out_channels: [4, 4], scaling_factor: 0.5, shift_factor: 0.25 };
