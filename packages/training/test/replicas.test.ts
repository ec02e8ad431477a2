import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onnxEngine } from '@lascaux/nn/onnx';
import { checkpointWeights, muon, readMetrics, train } from '@lascaux/training';
import type { TrainOptions } from '@lascaux/training';
import { describe, expect, it } from 'vitest';
import { regressionBatch, regressionStep, withFolder } from './regression.js';

const engine = onnxEngine({ threads: 1 });
const options = (directory: string): TrainOptions => ({
  ...{ engine, step: regressionStep({ optimizer: muon(), clip: 1 }), batch: regressionBatch, directory },
  ...{ seed: 5, learningRate: () => 0.02, emaDecay: 0.98, totalImages: 160, logEvery: 8 },
});

/** The largest difference of two sets of weights, and the largest weight. */
async function difference(first: string, second: string): Promise<number> {
  const [a, b] = await Promise.all([checkpointWeights(first), checkpointWeights(second)]);
  expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
  return Math.max(
    ...[...a].flatMap(([name, values]) => [...values].map((value, i) => Math.abs(value - b.get(name)![i]!))),
  );
}

describe('replicas', () => {
  it('of one batch learn what one alone learns from it', () =>
    withFolder(async (directory) => {
      const alone = await train(options(join(directory, 'one')));
      const shared = await train({ ...options(join(directory, 'two')), replicas: 2 });
      expect(await difference(alone.checkpoint, shared.checkpoint)).toBeLessThan(1e-5);
      const [one, two] = await Promise.all([alone, shared].map(({ folder }) => readMetrics(folder.metrics)));
      expect(two!.map(({ imagesSeen }) => imagesSeen)).toEqual(one!.map(({ imagesSeen }) => imagesSeen));
      two!.forEach((row, i) => {
        expect(row.loss).toBeCloseTo(one![i]!.loss, 4);
        expect(row.gradientNorm).toBeCloseTo(one![i]!.gradientNorm, 4);
        expect(row.metrics.bias).toBeCloseTo(one![i]!.metrics.bias!, 4);
      });
      expect(JSON.parse(await readFile(shared.folder.options, 'utf8'))).toMatchObject({ replicas: 2 });
    }));

  it('and shares that are taken one after another learn the same', () =>
    withFolder(async (directory) => {
      const alone = await train(options(join(directory, 'one')));
      const shared = await train({ ...options(join(directory, 'shares')), replicas: 2, accumulation: 2 });
      const inTurn = await train({ ...options(join(directory, 'turns')), accumulation: 4 });
      expect(await difference(alone.checkpoint, shared.checkpoint)).toBeLessThan(1e-5);
      expect(await difference(alone.checkpoint, inTurn.checkpoint)).toBeLessThan(1e-5);
    }));

  it('go on exactly where they stopped', () =>
    withFolder(async (directory) => {
      const whole = await train({ ...options(join(directory, 'whole')), replicas: 2 });
      const parts = { ...options(join(directory, 'parts')), replicas: 2 };
      await train({ ...parts, totalImages: 64 });
      const resumed = await train({ ...parts, resume: true });
      expect(await readFile(resumed.checkpoint)).toEqual(await readFile(whole.checkpoint));
    }));

  it('are as many as a trial finds fastest, where the run is long enough, and stay so', () =>
    withFolder(async (directory) => {
      const told: [number, readonly number[]][] = [];
      const onSharing: TrainOptions['onSharing'] = ({ replicas }, trials) =>
        void told.push([replicas, trials.map((trial) => trial.replicas)]);
      const measured = { ...options(directory), replicas: 'measured' as const, onSharing };
      const stop = new AbortController();
      const onProgress = (): void => stop.abort();
      await train({ ...measured, totalImages: 8 * 200, signal: stop.signal, onProgress });
      const [chosen, tried] = told[0]!;
      expect(tried.length === 0 ? [1] : tried).toContain(chosen);
      await train({ ...measured, totalImages: 64, resume: true });
      expect(told[1]).toEqual([chosen, []]);
      await train({ ...measured, directory: join(directory, 'short') });
      expect(told[2]).toEqual([1, []]);
    }));

  it('must be as many when a run goes on', () =>
    withFolder(async (directory) => {
      await train({ ...options(directory), replicas: 2, totalImages: 64 });
      await expect(train({ ...options(directory), resume: true })).rejects.toThrow(
        /has 2 replicas and accumulates 1 shares, got "1 and 1"/,
      );
    }));

  it.each([
    [3, /the batch must be a multiple of 3, got 8/],
    [8, /must not be more than the 3 trained parameters, got 8/],
    [0, /replicas must be a whole number of at least 1, got 0/],
  ])('are refused where %s do not fit', (replicas, message) =>
    withFolder(async (directory) => {
      await expect(train({ ...options(directory), replicas })).rejects.toThrow(message);
    }),
  );

  it('need an engine that has them', () =>
    withFolder(async (directory) => {
      const { openReplica: _, ...without } = engine;
      await expect(train({ ...options(directory), engine: without, replicas: 2 })).rejects.toThrow(
        /sharing a batch needs the onnx engine on a CPU/,
      );
    }));

  it('report what goes wrong in a thread', () =>
    withFolder(async (directory) => {
      const batch: TrainOptions['batch'] = () => ({
        inputs: { x: new Float32Array(24).fill(NaN), y: new Float32Array(16) },
        images: 8,
      });
      await expect(train({ ...options(directory), batch, replicas: 2 })).rejects.toThrow(/must stay finite/);
    }));
});
