import type { OnnxGraph, OnnxNode } from '@lascaux/nn/onnx';
import { randomStream } from '@lascaux/nn';

/** Which of the export vintages a tiny model imitates. */
export interface Vintage {
  readonly ids: 'int32' | 'int64';
  readonly float: 'float32' | 'float16';
  readonly timestep: 'int64' | 'float32' | 'float16';
  /** Rank 0, or the name of the single axis of rank 1. */
  readonly timestepAxis: 'scalar' | 'batch' | 'steps';
}

/** The newest exports: int64 ids, a scalar float timestep. */
export const modern: Vintage = { ids: 'int64', float: 'float32', timestep: 'float32', timestepAxis: 'scalar' };

export const CHANNELS = 8;
const LATENTS = 4;
const FLOAT32 = 1;
const FLOAT16 = 10;

type Attributes = OnnxNode['attributes'];
/** One node with one output; `as` names it. */
const node = (type: string, inputs: string[], { as, ...attributes }: { as: string } & Attributes): OnnxNode => ({
  type,
  inputs,
  outputs: [as],
  attributes,
});
const cast = (input: string, output: string, to: number): OnnxNode => node('Cast', [input], { as: output, to });
const typeNumber = (float: Vintage['float']): number => (float === 'float16' ? FLOAT16 : FLOAT32);

function weights(name: string, shape: readonly number[], scale: number) {
  const values = randomStream(name).normal(shape.reduce((a, b) => a * b, 1));
  return { name, dtype: 'float32', shape, source: { data: values.map((value) => value * scale) } } as const;
}
const integers = (name: string, ...values: number[]) =>
  ({ name, dtype: 'int64', shape: [values.length], source: { data: BigInt64Array.from(values, BigInt) } }) as const;

/** `input_ids` → a random vector for each id, as `last_hidden_state`. */
export function textEncoderGraph({ ids, float }: Vintage, vocabulary: number): OnnxGraph {
  return {
    nodes: [
      node('Gather', ['table', 'input_ids'], { as: 'found', axis: 0 }),
      cast('found', 'last_hidden_state', typeNumber(float)),
    ],
    initializers: [weights('table', [vocabulary, CHANNELS], 1)],
    inputs: [{ name: 'input_ids', dtype: ids, shape: ['batch', 'tokens'] }],
    outputs: [{ name: 'last_hidden_state', dtype: float, shape: ['batch', 'tokens', CHANNELS] }],
  };
}

/** noise = mix(sample) + a vector made of the text + timestep / 1000, so that every input matters. */
export function denoiserGraph({ float, timestep, timestepAxis }: Vintage, weight = 0.3): OnnxGraph {
  const to = typeNumber(float);
  return {
    nodes: [
      cast('sample', 'x', FLOAT32),
      cast('encoder_hidden_states', 'text', FLOAT32),
      cast('timestep', 't', FLOAT32),
      node('Conv', ['x', 'mix'], { as: 'mixed', kernel_shape: [1, 1] }),
      node('ReduceMean', ['text', 'tokenAxis'], { as: 'mean', keepdims: 0 }),
      node('MatMul', ['mean', 'project'], { as: 'projected' }),
      node('Unsqueeze', ['projected', 'spatialAxes'], { as: 'vector' }),
      node('Reshape', ['t', 'column'], { as: 'times' }),
      node('Mul', ['times', 'perMille'], { as: 'phase' }),
      node('Add', ['mixed', 'vector'], { as: 'sum' }),
      node('Add', ['sum', 'phase'], { as: 'result' }),
      cast('result', 'out_sample', to),
    ],
    initializers: [
      weights('mix', [LATENTS, LATENTS, 1, 1], weight),
      weights('project', [CHANNELS, LATENTS], 0.5),
      integers('tokenAxis', 1),
      integers('spatialAxes', 2, 3),
      integers('column', -1, 1, 1, 1),
      { name: 'perMille', dtype: 'float32', shape: [], source: { data: Float32Array.of(0.001) } },
    ],
    inputs: [
      { name: 'sample', dtype: float, shape: ['batch', LATENTS, 'height', 'width'] },
      { name: 'timestep', dtype: timestep, shape: timestepAxis === 'scalar' ? [] : [timestepAxis] },
      { name: 'encoder_hidden_states', dtype: float, shape: ['batch', 'tokens', CHANNELS] },
    ],
    outputs: [{ name: 'out_sample', dtype: float, shape: ['batch', LATENTS, 'height', 'width'] }],
  };
}

/** A latent cell becomes 2×2 pixels by a linear map, squashed into (−1, 1). */
export function decoderGraph({ float }: Vintage): OnnxGraph {
  return {
    nodes: [
      cast('latent_sample', 'z', FLOAT32),
      node('Conv', ['z', 'paint'], { as: 'cells', kernel_shape: [1, 1] }),
      node('DepthToSpace', ['cells'], { as: 'pixels', blocksize: 2, mode: 'DCR' }),
      node('Tanh', ['pixels'], { as: 'squashed' }),
      cast('squashed', 'sample', typeNumber(float)),
    ],
    initializers: [weights('paint', [12, LATENTS, 1, 1], 0.5)],
    inputs: [{ name: 'latent_sample', dtype: float, shape: ['batch', LATENTS, 'height', 'width'] }],
    outputs: [{ name: 'sample', dtype: float, shape: ['batch', 3, 'tall', 'wide'] }],
  };
}
