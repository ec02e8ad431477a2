import type { Duration, StepTime, Trainer } from '@lascaux/bench';
import {
  batchArrays,
  compare,
  engineTrainer,
  lossDifference,
  networkNames,
  parameterArrays,
  readArguments,
  smallNetworks,
} from '@lascaux/bench';
import { onnxEngine } from '@lascaux/nn/onnx';
import { flopsOf } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

// Compiling a training step takes seconds, and many times that on a busy machine.
describe('engineTrainer', { timeout: 120_000 }, () => {
  it.each(networkNames)('lowers the loss of the small %s on its one batch', async (name) => {
    const network = smallNetworks[name]();
    const start = { parameters: parameterArrays(network), batch: batchArrays(network) };
    const engine = onnxEngine({ threads: 1 });
    const trainer = await engineTrainer(engine, network, start);
    const losses: number[] = [];
    for (let i = 0; i < 4; i++) losses.push((await trainer.step()).loss);
    expect(losses[3]).toBeLessThan(losses[0]!);
    expect((await trainer.product()).seconds).toBeGreaterThan(0);
    await trainer.dispose();
    await engine.dispose();
  });

  it('starts from the same numbers every time', () => {
    const network = smallNetworks.unet();
    expect(parameterArrays(network)).toEqual(parameterArrays(network));
    expect(batchArrays(network)).toEqual(batchArrays(network));
  });
});

/** A trainer whose steps and products last as long as it is told. */
function timed(seconds: readonly number[], product: Duration): Trainer {
  let next = 0;
  const step = (): Promise<StepTime> => {
    const length = seconds[next++]!;
    return Promise.resolve({ seconds: length, cpuSeconds: length / 2, loss: 1 / next });
  };
  return { step, product: () => Promise.resolve(product), dispose: () => Promise.resolve() };
}

describe('compare', () => {
  it('takes medians of all steps but the first, and the ratio round by round', async () => {
    const network = smallNetworks.transformer();
    const product = { seconds: 0.5, cpuSeconds: 0.25 };
    const ours = timed([9, 1, 2, 4], product);
    const peer = timed([1, 3, 4, 4], product);
    const { flops, ...comparison } = await compare(network, { ours, peer, rounds: 3 });
    expect(flops).toBe(flopsOf(network.step.program));
    expect(comparison.ratio).toEqual({ wall: 2, cpu: 2 });
    expect(comparison.ours.wall).toEqual({
      secondsPerStep: 2,
      imagesPerSecond: network.batchSize / 2,
      flopsPerSecond: flops / 2,
      limit: 2 ** 32,
    });
    expect(comparison.peer?.cpu).toMatchObject({ secondsPerStep: 2, limit: 2 ** 33 });
  });

  it('does without a peer', async () => {
    const ours = timed([1, 1], { seconds: 1, cpuSeconds: 1 });
    expect(await compare(smallNetworks.transformer(), { ours, peer: undefined, rounds: 1 })).not.toHaveProperty(
      'ratio',
    );
  });

  it('names the largest relative difference of losses', () => {
    expect(lossDifference([1, 2], [1, 2.2])).toBeCloseTo(0.1, 10);
  });
});

describe('readArguments', () => {
  it('has defaults for all but the bench', () => {
    expect(readArguments(['training'])).toEqual({
      bench: 'training',
      networks: ['transformer', 'unet', 'vae'],
      engine: undefined,
      device: undefined,
      peer: 'python3',
      threads: undefined,
      rounds: 7,
      json: false,
    });
    expect(readArguments(['engines', '--network', 'vae', '--peer', 'none'])).toMatchObject({
      networks: ['vae'],
      peer: undefined,
    });
  });

  it.each([
    [[], 'bench: must be one of those known, got "" (accepted: training, engines)'],
    [['training', '--network', 'gan'], 'got "gan" (accepted: transformer, unet, vae)'],
    [['training', '--rounds', '0'], '--rounds: must be a whole number from 1, got "0"'],
    [['training', '--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(message);
  });
});
