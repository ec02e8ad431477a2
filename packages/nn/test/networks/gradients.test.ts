import type { InputTypes, Program, Scope, Value } from '@lascaux/nn';
import { ProgramBuilder, fromFloat16, gradients, ops, rootScope } from '@lascaux/nn';
import {
  autoencoderDCConfig,
  autoencoderDCDecode,
  autoencoderDCEncode,
  autoencoderKLConfig,
  autoencoderKLDecode,
  autoencoderKLEncode,
  autoencoderTinyConfig,
  autoencoderTinyDecode,
  autoencoderTinyEncode,
  clipTextConfig,
  clipTextWithProjection,
  clipVisionConfig,
  clipVisionWithProjection,
  dit,
  ditConfig,
  fluxTransformer,
  fluxTransformerConfig,
  pixArt,
  pixArtConfig,
  sd3Transformer,
  sd3TransformerConfig,
  t5Config,
  t5Encoder,
  unet2DCondition,
  unet2DConditionConfig,
} from '@lascaux/nn/networks';
import { onnxEngine } from '@lascaux/nn/onnx';
import { describe, expect, it } from 'vitest';
import type { Oracle } from './oracle.js';
import { readOracle, tensorOf } from './oracle.js';

type Inputs = Readonly<Record<string, Value>>;
type Network = (scope: Scope, inputs: Inputs) => Value;

/** A program that gives ⟨gradient, weight⟩ and |gradient|² of the mean square of a network's output, weights sorted by name: [P, 2]. */
function gradientProgram(
  types: InputTypes,
  network: Network,
): { readonly program: Program; readonly names: readonly string[] } {
  const builder = new ProgramBuilder();
  const inputs = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, builder.input(name, type)]));
  const { scope, parameters } = rootScope(builder);
  const loss = ops.mean(ops.square(network(scope, inputs)));
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { value }]) => ({ name, value }));
  const found = gradients(
    loss,
    sorted.map(({ value }) => value),
  );
  const rows = sorted.map(({ value }, i) => {
    const gradient = found[i] as Value;
    const figures = [ops.sum(ops.mul(gradient, value)), ops.sum(ops.square(gradient))];
    return ops.concat(
      figures.map((figure) => ops.reshape(figure, [1, 1])),
      1,
    );
  });
  return { program: builder.finish({ rows: ops.concat(rows, 0) }), names: sorted.map(({ name }) => name) };
}

/** The largest deviation of both figures from the reference, over the largest of them in the network. */
async function gradientError(
  name: string,
  { output, network }: { output: string; network: (oracle: Oracle) => Network },
): Promise<number> {
  const oracle = await readOracle(name);
  const types = Object.fromEntries(
    [...oracle.inputs].map(([key, { shape, data }]) => [
      key,
      { shape, dtype: data instanceof Float32Array ? 'float32' : 'int64' } as const,
    ]),
  );
  const { program, names } = gradientProgram(types, network(oracle));
  const engine = onnxEngine({ device: 'cpu', threads: 1 });
  const executable = await engine.compile(program);
  const feeds = program.inputs.map((input) => {
    const { data, shape } = tensorOf(input.parameter === undefined ? oracle.inputs : oracle.weights, input.name);
    return [input.name, engine.upload(data instanceof Uint16Array ? fromFloat16(data) : data, shape)] as const;
  });
  const { rows } = await executable.run(Object.fromEntries(feeds));
  const got = (await rows?.read()) as Float32Array;
  const expected = tensorOf(oracle.gradients, output).data as Float32Array;
  const all = [...oracle.weights.keys()].sort();
  expect(expected.length).toBe(2 * all.length);
  let worst = 0;
  for (const column of [0, 1]) {
    const of = (i: number): number => expected[2 * i + column] as number;
    const largest = Math.max(...all.map((_, i) => Math.abs(of(i))));
    all.forEach((weight, i) => {
      const index = names.indexOf(weight);
      const value = index < 0 ? 0 : (got[2 * index + column] as number);
      worst = Math.max(worst, Math.abs(value - of(i)) / largest);
    });
  }
  await executable.dispose();
  return worst;
}

const value = (inputs: Inputs, name: string): Value => inputs[name] as Value;

const cases: readonly (readonly [fixture: string, output: string, network: (oracle: Oracle) => Network])[] = [
  // unet-sdxl has its figures too and agrees; its program of 6,700 nodes takes too long to load for every run of the tests.
  [
    'unet-sd1',
    'out_sample',
    ({ config }) =>
      (scope, inputs) =>
        unet2DCondition(scope, unet2DConditionConfig(config), inputs as never),
  ],
  [
    'vae',
    'latent_parameters',
    ({ config }) =>
      (scope, inputs) =>
        autoencoderKLEncode(scope, autoencoderKLConfig(config), value(inputs, 'image')),
  ],
  [
    'vae',
    'sample',
    ({ config }) =>
      (scope, inputs) =>
        autoencoderKLDecode(scope, autoencoderKLConfig(config), value(inputs, 'latent_sample')),
  ],
  [
    'vae-tiny',
    'latent_sample',
    ({ config }) =>
      (scope, inputs) =>
        autoencoderTinyEncode(scope, autoencoderTinyConfig(config), value(inputs, 'image')),
  ],
  [
    'vae-tiny-pooled',
    'sample',
    ({ config }) =>
      (scope, inputs) =>
        autoencoderTinyDecode(scope, autoencoderTinyConfig(config), value(inputs, 'latent_sample')),
  ],
  [
    'vae-dc',
    'latent_sample',
    ({ config }) =>
      (scope, inputs) =>
        autoencoderDCEncode(scope, autoencoderDCConfig(config), value(inputs, 'image')),
  ],
  [
    'vae-dc-wide',
    'sample',
    ({ config }) =>
      (scope, inputs) =>
        autoencoderDCDecode(scope, autoencoderDCConfig(config), value(inputs, 'latent_sample')),
  ],
  [
    'clip-text',
    'text_embeds',
    ({ config }) =>
      (scope, inputs) =>
        clipTextWithProjection(scope, clipTextConfig(config), value(inputs, 'input_ids')).text_embeds,
  ],
  [
    'clip-vision',
    'image_embeds',
    ({ config }) =>
      (scope, inputs) =>
        clipVisionWithProjection(scope, clipVisionConfig(config), value(inputs, 'pixel_values')).image_embeds,
  ],
  [
    't5',
    'last_hidden_state',
    ({ config }) =>
      (scope, inputs) =>
        t5Encoder(scope, t5Config(config), inputs as never),
  ],
  [
    'dit',
    'out_sample',
    ({ config }) =>
      (scope, inputs) =>
        dit(scope, ditConfig(config), inputs as never),
  ],
  [
    'pixart',
    'out_sample',
    ({ config }) =>
      (scope, inputs) =>
        pixArt(scope, pixArtConfig(config), inputs as never),
  ],
  [
    'sd3-dual',
    'out_hidden_states',
    ({ config }) =>
      (scope, inputs) =>
        sd3Transformer(scope, sd3TransformerConfig(config), inputs as never),
  ],
  [
    'flux',
    'out_hidden_states',
    ({ config }) =>
      (scope, inputs) =>
        fluxTransformer(scope, fluxTransformerConfig(config), inputs as never),
  ],
];

describe('gradients for every weight agree with those of PyTorch', () => {
  it.each(cases)('%s: %s', async (name, output, network) => {
    expect(await gradientError(name, { output, network })).toBeLessThan(1e-4);
  });
});
