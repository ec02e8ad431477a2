import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ops, parametersOf, trace } from '@lascaux/nn';
import { zeros } from '@lascaux/nn/layers';
import { onnxEngine } from '@lascaux/nn/onnx';
import { painterEmojis } from '@lascaux/scenes';
import {
  keepStage,
  keptStage,
  MAX_TOKENS,
  painterTextConfig,
  pooledState,
  textInputs,
  textLoss,
  trainedTokenizer,
} from '@lascaux/train-mini';
import { adamw, traceTrainingStep, train } from '@lascaux/training';
import { afterEach, beforeEach, expect, it } from 'vitest';

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'kept-stage-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

const [runs, stages] = ['runs', 'stages'];

/** A run of one step over a parameter of the network and one of the text encoder. */
const run = (begunAt: number, stage = 'clip') =>
  train({
    engine: onnxEngine(),
    step: traceTrainingStep({
      inputs: { x: { shape: [2] } },
      loss: (scope, { x }) => {
        const own = (name: string) => scope.at(name).parameter('weight', [2], zeros);
        const error = ops.sub(ops.add(own('conv_in'), own('text_model')), x);
        return { loss: ops.mean(ops.square(error)), metrics: {} };
      },
      optimizer: adamw({}),
    }),
    batch: () => ({ inputs: { x: Float32Array.of(1, 1) }, images: 4 }),
    directory: join(directory, runs, stage),
    seed: 1,
    totalImages: 4,
    learningRate: () => 1e-3,
    config: { begunAt },
  });

it('keeps a stage with the images that it and the one before it have seen', async () => {
  await run(96);
  await keepStage(join(directory, runs), 'clip', join(directory, stages));
  const { weights, imagesSeen } = await keptStage('clip', join(directory, stages));
  expect(imagesSeen).toBe(100);
  expect([...weights.keys()]).toEqual(['conv_in.weight']);
  expect(weights.get('conv_in.weight')![0]).toBeGreaterThan(0);
});

it('keeps a reader that went on with the kept tokenizer, and so has none of its own', async () => {
  await run(96, 'pooled-reader');
  await keepStage(join(directory, runs), 'pooled-reader', join(directory, stages));
  expect((await keptStage('pooled-reader', join(directory, stages))).imagesSeen).toBe(100);
});

it('reads the tokenizer that is kept', async () => {
  const tokenizer = await trainedTokenizer('/no/such/runs');
  expect(tokenizer.vocabSize).toBe(12288);
});

it('names what can be kept, and what has not run', async () => {
  await expect(keepStage(directory, 'vae')).rejects.toThrow(
    'got "vae" (accepted: pooled-reader, text-encoder, denoiser, clip)',
  );
  await expect(keptStage('clip', directory)).rejects.toThrow('has not run');
});

it('keeps a reader, a text encoder and a tokenizer that fit the networks of today', async () => {
  const tokenizer = await trainedTokenizer('/no/such/runs');
  expect(tokenizer.maxLength).toBe(MAX_TOKENS);
  const reader = { config: painterTextConfig(tokenizer), nouns: painterEmojis().length };
  const wanted = {
    'text-encoder': parametersOf(
      trace(textInputs(1), (scope, inputs) => ({ loss: textLoss(scope, inputs, reader).loss })),
    ),
    'pooled-reader': parametersOf(
      trace({ ids: { shape: [1, 18], dtype: 'int64' }, end: { shape: [1], dtype: 'int64' } }, (scope, inputs) => ({
        state: pooledState(scope, inputs, reader.config),
      })),
    ),
  };
  for (const [stage, parameters] of Object.entries(wanted)) {
    const { weights } = await keptStage(stage);
    const kept = Object.fromEntries(parameters.map(({ name }) => [name, weights.get(name)?.length]));
    const sizes = parameters.map(({ name, shape }) => [name, shape.reduce((size, side) => size * side, 1)]);
    expect(kept).toEqual(Object.fromEntries(sizes));
  }
});
