import type { Engine, Program, TensorData } from '@lascaux/nn';
import { randomStream, sizeOf } from '@lascaux/nn';
import {
  autoencoderKLConfig,
  clipTextConfig,
  clipTextWithProjectionProgram,
  clipVisionConfig,
  clipVisionProgram,
  fluxTransformerConfig,
  fluxTransformerProgram,
  sd3TransformerConfig,
  sd3TransformerProgram,
  t5Config,
  t5EncoderProgram,
  unet2DConditionConfig,
  unetProgram,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from '@lascaux/nn/networks';
import { onnxEngine } from '@lascaux/nn/onnx';
import { beforeAll, describe, expect, test } from 'vitest';
import { worstError } from './harness.js';
import { testEngines, titleOf } from './test-engines.js';

const vae = autoencoderKLConfig({
  block_out_channels: [8, 16],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  norm_num_groups: 4,
});
const unet = unet2DConditionConfig({
  block_out_channels: [8, 16],
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 1,
  cross_attention_dim: 12,
  attention_head_dim: 2,
  norm_num_groups: 4,
});
const transformer = { hidden_size: 16, intermediate_size: 32, num_attention_heads: 2, num_hidden_layers: 2 };
const text = clipTextConfig({ ...transformer, vocab_size: 30, eos_token_id: 29, projection_dim: 8 });
const vision = clipVisionConfig({ ...transformer, image_size: 8, patch_size: 4, projection_dim: 8 });
const t5 = t5Config({ vocab_size: 30, d_model: 16, d_kv: 8, d_ff: 24, num_heads: 2, num_layers: 2 });

const joint = { attention_head_dim: 8, num_attention_heads: 2, joint_attention_dim: 12, pooled_projection_dim: 6 };
const sd3 = sd3TransformerConfig({
  ...joint,
  num_layers: 2,
  in_channels: 4,
  out_channels: 4,
  caption_projection_dim: 16,
  pos_embed_max_size: 6,
  qk_norm: 'rms_norm',
  dual_attention_layers: [0],
});
const flux = fluxTransformerConfig({
  ...joint,
  num_layers: 1,
  num_single_layers: 1,
  in_channels: 8,
  axes_dims_rope: [2, 2, 4],
  guidance_embeds: true,
});

const programs: Readonly<Record<string, Program>> = {
  'VAE encoder': vaeEncoderProgram(vae, { batch: 2, height: 8, width: 12 }),
  'VAE decoder': vaeDecoderProgram(vae, { batch: 2, height: 4, width: 6 }),
  UNet: unetProgram(unet, { batch: 2, height: 8, width: 8, tokens: 5, timestepRank: 1 }),
  'CLIP text': clipTextWithProjectionProgram(text, { batch: 2, tokens: 7 }),
  'CLIP vision': clipVisionProgram(vision, { batch: 2 }),
  'T5 encoder': t5EncoderProgram(t5, { batch: 2, tokens: 6 }),
  'SD3 transformer': sd3TransformerProgram(sd3, { batch: 2, height: 8, width: 6, tokens: 5 }),
  'Flux transformer': fluxTransformerProgram(flux, { batch: 2, patches: 6, tokens: 5 }),
};

/** Random numbers for an input: weights shrink with their fan-in, ids lie in the vocabulary. */
function numbersFor({ name, shape, dtype, parameter }: Program['inputs'][number]): TensorData {
  const stream = randomStream(name);
  const count = sizeOf(shape);
  if (dtype === 'int64') return BigInt64Array.from({ length: count }, () => BigInt(stream.integer(30)));
  const fanIn = sizeOf(shape.slice(1));
  const isMatrix = parameter !== undefined && shape.length > 1;
  return stream.normal(count).map((value) => (isMatrix ? value / Math.sqrt(fanIn) : 0.5 + 0.3 * value));
}

async function outputsOf(engine: Engine, program: Program): Promise<Map<string, Float32Array>> {
  const executable = await engine.compile(program);
  const inputs = Object.fromEntries(
    program.inputs.map((input) => [input.name, engine.upload(numbersFor(input), input.shape as readonly number[])]),
  );
  const outputs = await executable.run(inputs);
  const found = new Map<string, Float32Array>();
  for (const [name, tensor] of Object.entries(outputs)) {
    found.set(name, Float32Array.from((await tensor.read()) as Float32Array));
    tensor.dispose();
  }
  for (const tensor of Object.values(inputs)) tensor.dispose();
  await executable.dispose();
  return found;
}

const reference = onnxEngine({ threads: 1 });

for (const entry of testEngines) {
  describe.skipIf(entry.skip !== undefined)(`${titleOf(entry)} runs the networks as onnx on cpu does`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await entry.open();
    });

    test.each(Object.entries(programs))('%s', async (_, program) => {
      const expected = await outputsOf(reference, program);
      const found = await outputsOf(engine, program);
      for (const [name, values] of expected) {
        expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(1e-2);
        expect(worstError(values, found.get(name)!), name).toBeLessThan(1e-4);
      }
    });
  });
}
