import type { Tensor } from 'onnxruntime-common';
import type { ConditioningCall } from './family.js';
import { rowsOf } from './tensors.js';

const MAXIMUM_PERIOD = 10_000;
const SCALE = 1000;

/** Sines and cosines of 1000 · w at falling frequencies, a zero last where the width is odd (Kingma et al. 2021, code; LCM). */
export function guidanceEmbedding(w: number, width: number): number[] {
  const half = Math.floor(width / 2);
  const angles = Array.from(
    { length: half },
    (_, i) => SCALE * w * Math.exp((-Math.log(MAXIMUM_PERIOD) * i) / (half - 1)),
  );
  return [...angles.map(Math.sin), ...angles.map(Math.cos), ...(width % 2 === 1 ? [0] : [])];
}

/** The input of a consistency model's UNet that tells it the guidance; nothing where the graph has none (Luo et al. 2023, section 4.2). */
export function distilledGuidance({ denoiser, model, options, rows }: ConditioningCall): Record<string, Tensor> {
  const shape = denoiser.shapeOf('timestep_cond');
  if (shape === undefined) return {};
  const declared = shape.at(-1);
  const width = typeof declared === 'number' ? declared : (model.denoiserConfig.time_cond_proj_dim ?? DEFAULT_WIDTH);
  // diffusers' convention: 1 is off, as everywhere, so the network is told one less.
  return { timestep_cond: rowsOf(rows.map(() => guidanceEmbedding(options.guidanceScale - 1, width))) };
}

/** Width of the published LCMs. */
const DEFAULT_WIDTH = 256;
