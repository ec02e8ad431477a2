import type { DeviceTensors, Engine, TensorData, Value } from '@lascaux/nn';
import { ops, randomStream, sizeOf } from '@lascaux/nn';
import {
  autoencoderKLConfig,
  autoencoderKLDecode,
  autoencoderKLEncode,
  clipTextConfig,
  clipTextWithProjection,
  clipVisionConfig,
  clipVisionWithProjection,
  unet2DCondition,
  unet2DConditionConfig,
} from '@lascaux/nn/networks';
import { onnxEngine } from '@lascaux/nn/onnx';
import { tfjsEngine } from '@lascaux/nn/tfjs';
import { adamw, initializeParameters, outputName, traceTrainingStep } from '@lascaux/training';
import type { TrainingStep } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

const meanSquare = (a: Value, b: Value): Value => ops.mean(ops.square(ops.sub(a, b)));

function vaeStep(): TrainingStep {
  const config = autoencoderKLConfig({
    block_out_channels: [8, 16],
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    norm_num_groups: 4,
  });
  return traceTrainingStep({
    inputs: { pixels: { shape: [2, 3, 8, 8] }, noise: { shape: [2, 4, 4, 4] } },
    optimizer: adamw(),
    clip: 1,
    loss: (scope, { pixels, noise }) => {
      const [mean, logVariance] = ops.split(autoencoderKLEncode(scope, config, pixels), { axis: 1, parts: 2 });
      const latent = ops.add(mean!, ops.mul(ops.exp(ops.mul(ops.clamp(logVariance!, -30, 20), 0.5)), noise));
      return { loss: meanSquare(autoencoderKLDecode(scope, config, latent), pixels) };
    },
  });
}

function unetStep(): TrainingStep {
  const config = unet2DConditionConfig({
    block_out_channels: [8, 16],
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
    layers_per_block: 1,
    cross_attention_dim: 12,
    attention_head_dim: 2,
    norm_num_groups: 4,
  });
  return traceTrainingStep({
    inputs: {
      sample: { shape: [2, 4, 8, 8] },
      noise: { shape: [2, 4, 8, 8] },
      timestep: { shape: [2] },
      encoder_hidden_states: { shape: [2, 5, 12] },
    },
    optimizer: adamw(),
    clip: 1,
    loss: (scope, { noise, ...inputs }) => ({ loss: meanSquare(unet2DCondition(scope, config, inputs), noise) }),
  });
}

function clipStep(): TrainingStep {
  const sizes = { hidden_size: 16, intermediate_size: 32, num_attention_heads: 2, num_hidden_layers: 2 };
  const text = clipTextConfig({ ...sizes, vocab_size: 30, eos_token_id: 29, projection_dim: 8 });
  const vision = clipVisionConfig({ ...sizes, image_size: 8, patch_size: 4, projection_dim: 8 });
  return traceTrainingStep({
    inputs: { input_ids: { shape: [4, 7], dtype: 'int64' }, pixel_values: { shape: [4, 3, 8, 8] } },
    optimizer: adamw(),
    clip: 1,
    loss: (scope, { input_ids, pixel_values }) => {
      const { text_embeds } = clipTextWithProjection(scope.at('text'), text, input_ids);
      const { image_embeds } = clipVisionWithProjection(scope.at('vision'), vision, pixel_values);
      const unit = (x: Value): Value => ops.div(x, ops.sqrt(ops.sum(ops.square(x), [-1])));
      const logits = ops.mul(ops.matmul(unit(text_embeds), ops.swapLast(unit(image_embeds))), 10);
      const pairs = ops.constant(logits, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], { shape: [4, 4] });
      const matching = ops.sum(ops.mul(logits, pairs), [-1]);
      return { loss: ops.mean(ops.sub(ops.logSumExp(logits), matching)) };
    },
  });
}

/** A seeded batch: ids lie in the vocabulary. */
function batchOf(step: TrainingStep, seed: number): Record<string, TensorData> {
  return Object.fromEntries(
    Object.entries(step.batch).map(([name, { shape, dtype }]) => {
      const stream = randomStream(`${name} ${seed}`);
      const count = sizeOf(shape);
      const ids = (): BigInt64Array => BigInt64Array.from({ length: count }, () => BigInt(stream.integer(30)));
      return [name, dtype === 'int64' ? ids() : stream.normal(count)];
    }),
  );
}

const disposeAll = (tensors: DeviceTensors): void => {
  for (const tensor of Object.values(tensors)) tensor.dispose();
};

/** Losses and gradient norms of a few steps. */
async function losses(engine: Engine, step: TrainingStep, count: number): Promise<number[]> {
  const first = initializeParameters(step.parameters, 0);
  const executable = await engine.compile(step.program);
  let state: DeviceTensors = Object.fromEntries(
    step.state.map(({ name, shape, parameter, initial }) => {
      const data = initial === 'zeros' ? new Float32Array(sizeOf(shape)) : first.get(parameter.name)!;
      return [name, engine.upload(data.slice(), shape)];
    }),
  );
  const found: number[] = [];
  for (let i = 1; i <= count; i++) {
    const scalars = { learning_rate: 2e-3, ema_decay: 0.9, ...step.optimizer.scalars(i) };
    const given = Object.fromEntries([
      ...Object.entries(batchOf(step, i)).map(
        ([name, data]) => [name, engine.upload(data, step.batch[name]!.shape as readonly number[])] as const,
      ),
      ...Object.entries(scalars).map(([name, value]) => [name, engine.upload(Float32Array.of(value), [])] as const),
    ]);
    const outputs = await executable.run({ ...state, ...given });
    for (const name of ['loss', 'gradient_norm']) found.push(Number((await outputs[name]!.read())[0]));
    disposeAll({ ...given, ...state, loss: outputs.loss!, norm: outputs.gradient_norm! });
    state = Object.fromEntries(step.state.map(({ name }) => [name, outputs[outputName(name)]!]));
  }
  disposeAll(state);
  await executable.dispose();
  return found;
}

describe.each([
  ['VAE', vaeStep],
  ['UNet', unetStep],
  ['CLIP', clipStep],
])('training steps of a tiny %s', (_, trace) => {
  const step = trace();
  const expected = losses(onnxEngine({ threads: 1 }), step, 3);

  it.each(['cpu', 'wasm'] as const)(
    'give the losses of onnx on cpu on tfjs %s too',
    async (backend) => {
      const found = await losses(await tfjsEngine({ backend }), step, 3);
      for (const [i, value] of (await expected).entries()) {
        expect(value).toBeGreaterThan(0);
        expect(Math.abs(found[i]! / value - 1)).toBeLessThan(1e-4);
      }
      // Plain JavaScript takes seconds, on a busy machine many.
    },
    120_000,
  );
});
