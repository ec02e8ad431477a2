import { spawnSync } from 'node:child_process';
import type { Duration, StepTime, Trainer } from '@lascaux/bench';
import {
  batchArrays,
  compare,
  engineTrainer,
  gradientDifference,
  lossDifference,
  openPeer,
  networkNames,
  operatorTimes,
  parameterArrays,
  profileStep,
  profileText,
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

const PYTHON = ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', 'import torch']).status === 0);

describe.skipIf(PYTHON === undefined)('openPeer (skipped where no Python has torch)', { timeout: 300_000 }, () => {
  it.each(networkNames)('has the losses and gradients of the small %s', async (name) => {
    const network = smallNetworks[name]();
    const start = { parameters: parameterArrays(network), batch: batchArrays(network) };
    const engine = onnxEngine({ threads: 1 });
    const ours = await engineTrainer(engine, network, start);
    const peer = await openPeer({ python: PYTHON!, network, threads: 1, ...start });
    const { ours: mine, peer: theirs, gradientDifference: apart } = await compare(network, { ours, peer, rounds: 2 });
    expect(lossDifference(mine.losses, theirs!.losses)).toBeLessThan(1e-4);
    expect(apart).toBeLessThan(1e-3);
    await Promise.all([ours.dispose(), peer.dispose()]);
    await engine.dispose();
  });
});

/** A trainer whose steps and products last as long as it is told. */
function timed(seconds: readonly number[], product: Duration): Trainer {
  let next = 0;
  const step = (): Promise<StepTime> => {
    const length = seconds[next++]!;
    return Promise.resolve({ seconds: length, cpuSeconds: length / 2, loss: 1 / next });
  };
  const firstGradients = () => Promise.resolve(new Map([['w', Float32Array.of(3, 4 + product.seconds)]]));
  return { step, firstGradients, product: () => Promise.resolve(product), dispose: () => Promise.resolve() };
}

describe('compare', () => {
  it('takes medians of all steps but the first, and the ratio round by round', async () => {
    const network = smallNetworks.transformer();
    const product = { seconds: 0.5, cpuSeconds: 0.25 };
    const ours = timed([9, 1, 2, 4], product);
    const peer = timed([1, 3, 4, 4], product);
    const told: number[] = [];
    const onRound = (round: number): number => told.push(round);
    const { flops, ...comparison } = await compare(network, { ours, peer, rounds: 3, onRound });
    expect(told).toEqual([0, 1, 2, 3]);
    expect(comparison.gradientDifference).toBe(0);
    expect(flops).toBe(flopsOf(network.step.program));
    expect(comparison.ratio).toEqual({ wall: 2, cpu: 2 });
    expect(comparison.ours.wall).toEqual({
      secondsPerStep: 2,
      fastest: 1,
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

  it('names the largest relative difference of a gradient', () => {
    const ours = new Map([
      ['a', Float32Array.of(3, 4)],
      ['tiny', Float32Array.of(1e-9)],
    ]);
    const peer = new Map([
      ['a', Float32Array.of(3, 4.5)],
      ['tiny', Float32Array.of(2e-9)],
    ]);
    expect(gradientDifference(ours, peer)).toBeCloseTo(0.1, 6);
    expect(gradientDifference(ours, new Map())).toBeNaN();
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
      replicas: 1,
      batchSize: undefined,
      rounds: 7,
      size: 'full',
      json: false,
    });
    expect(readArguments(['engines', '--network', 'vae', '--peer', 'none'])).toMatchObject({
      networks: ['vae'],
      peer: undefined,
    });
  });

  it.each([
    [[], 'bench: must be one of those known, got "" (accepted: training, profile, engines)'],
    [['training', '--network', 'gan'], 'got "gan" (accepted: transformer, unet, vae)'],
    [['training', '--rounds', '0'], '--rounds: must be a whole number from 1, got "0"'],
    [['training', '--size', 'big'], 'got "big" (accepted: full, small)'],
    [['training', '--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(message);
  });
});

describe('a profile', () => {
  const node = (op_name: string, dur: number) => ({ cat: 'Node', name: 'n_kernel_time', dur, args: { op_name } });

  it('sums the nodes of each kind over the steps after the first', () => {
    const first = [node('Conv', 900), node('Add', 900), node('Conv', 900)];
    const second = [node('Conv', 2000), node('Add', 500), node('Conv', 1000)];
    const third = [node('Conv', 1000), node('Add', 1500), node('Conv', 2000)];
    const session = { cat: 'Session', name: 'model_run', dur: 1e6 };
    expect(operatorTimes([session, ...first, ...second, ...third], 3)).toEqual([
      { operator: 'Conv', count: 2, milliseconds: 3 },
      { operator: 'Add', count: 1, milliseconds: 1 },
    ]);
  });

  it('of a small step names its products, and leaves no file', async () => {
    const found = await profileStep(smallNetworks.transformer(), { rounds: 1 });
    expect(found.milliseconds).toBeGreaterThan(0);
    expect(found.operators.map(({ operator }) => operator).join(' ')).toMatch(/MatMul|Gemm/);
    expect(profileText(found)).toMatch(/^transformer: batch 4, means of 1 steps: .* ms in nodes\n {2}\w+/);
  }, 120_000);
});
