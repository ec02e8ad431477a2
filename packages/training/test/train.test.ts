import { getEventListeners } from 'node:events';
import { copyFile, mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readSafetensors } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import {
  checkpointFiles,
  checkpointWeights,
  exportWeights,
  latestCheckpoint,
  loadParameters,
  muon,
  openRunFolder,
  pointed,
  readCheckpoint,
  readMetrics,
  train,
} from '@lascaux/training';
import type { BatchFunction, TrainingProgress, TrainOptions } from '@lascaux/training';
import { describe, expect, it } from 'vitest';
import { regressionBatch, regressionStep, withFolder } from './regression.js';

const engine = onnxEngine({ threads: 1 });
const step = regressionStep({ clip: 1 });
const base = { engine, step, batch: regressionBatch, seed: 5, learningRate: () => 0.02, emaDecay: 0.98 };
const inFolder = (use: (options: TrainOptions) => Promise<void>) => () =>
  withFolder((directory) => use({ ...base, directory: join(directory, 'run'), totalImages: 160 }));

describe('train', () => {
  it(
    'learns a linear map',
    inFolder(async (options) => {
      const result = await train({ ...options, totalImages: 8 * 400, logEvery: 8 });
      expect(result).toMatchObject({ reason: 'finished', imagesSeen: 3200, step: 400 });
      const rows = await readMetrics(result.folder.metrics);
      expect(rows).toHaveLength(400);
      expect(rows[0]?.loss).toBeGreaterThan(0.5);
      expect(rows.slice(-20).reduce((total, row) => total + row.loss, 0) / 20).toBeLessThan(0.03);
    }),
  );

  it(
    'leaves a record of the run',
    inFolder(async (options) => {
      const told: TrainingProgress[] = [];
      const result = await train({
        ...options,
        logEvery: 40,
        limit: 1e12,
        config: { width: 16 },
        onProgress: (progress) => told.push(progress),
      });
      expect(JSON.parse(await readFile(result.folder.options, 'utf8'))).toMatchObject({
        seed: 5,
        optimizer: 'adamw',
        engine: 'onnx',
        device: 'cpu',
        config: { width: 16 },
      });
      const rows = await readMetrics(result.folder.metrics);
      expect(rows.map(({ imagesSeen }) => imagesSeen)).toEqual([40, 80, 120, 160]);
      expect(Object.keys(rows[0]?.metrics ?? {})).toEqual(['bias']);
      expect(
        rows.every(
          (row) =>
            row.imagesPerSecond > 0 &&
            row.dataWaitShare >= 0 &&
            row.dataWaitShare <= 1 &&
            row.gradientNorm > 0 &&
            row.limitShare! > 0,
        ),
      ).toBe(true);
      expect(await readFile(result.folder.curve, 'utf8')).toContain('</svg>');
      expect(told).toHaveLength(20);
      expect(told.at(-1)).toMatchObject({ imagesSeen: 160, totalImages: 160, secondsLeft: 0 });
      expect(told.at(-2)?.secondsLeft).toBeGreaterThan(0);
    }),
  );

  it(
    'lends the averaged weights to hooks',
    inFolder(async (options) => {
      const seen: number[] = [];
      const result = await train({
        ...options,
        sampleEvery: 80,
        onSample: async ({ imagesSeen, weights }) => {
          seen.push(imagesSeen, (await weights['second.weight']?.read())?.length ?? 0);
        },
      });
      expect(seen).toEqual([80, 32, 160, 32]);
      const { state } = await readCheckpoint(result.checkpoint, step);
      expect(state.get('ema/second.weight')).not.toEqual(state.get('param/second.weight'));
    }),
  );

  it(
    'keeps the last checkpoints and the best one',
    inFolder(async (options) => {
      const scores = [5, 1, 4, 3, 2];
      const result = await train({
        ...options,
        checkpointEvery: { images: 32 },
        keepLast: 2,
        score: () => scores.shift() ?? 9,
      });
      const names = (await checkpointFiles(result.folder)).map((name) => Number(/\d+/.exec(name)?.[0]));
      expect(names).toEqual([64, 128, 160]);
      expect(await pointed(result.folder, 'best')).toMatchObject({ imagesSeen: 64, score: 1 });
      expect(await latestCheckpoint(result.folder)).toBe(result.checkpoint);
    }),
  );

  it(
    'saves and returns when it is aborted',
    inFolder(async (options) => {
      const controller = new AbortController();
      const onProgress = ({ step: done }: TrainingProgress) => void (done === 7 && controller.abort());
      const result = await train({ ...options, signal: controller.signal, onProgress });
      expect(result).toMatchObject({ reason: 'aborted', imagesSeen: 56, step: 7 });
      expect((await readCheckpoint(result.checkpoint, step)).step).toBe(7);
    }),
  );

  it(
    'lets go of the signal when it is done',
    inFolder(async (options) => {
      const { signal } = new AbortController();
      await train({ ...options, signal });
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }),
  );

  it(
    'lets no second run into the folder while it lasts',
    inFolder(async (options) => {
      let second: unknown;
      const onProgress = ({ step: done }: TrainingProgress) =>
        void (done === 3 && (second = train({ ...options, resume: true }).catch((error: unknown) => error)));
      const result = await train({ ...options, onProgress });
      expect(await second).toMatchObject({ kind: 'usage' });
      expect(String(await second)).toContain('another run is under way in this folder');
      expect(await readdir(options.directory)).not.toContain('.lock');
      expect(await checkpointWeights(result.checkpoint)).toEqual(
        await checkpointWeights((await train({ ...options, directory: `${options.directory}2` })).checkpoint),
      );
    }),
  );

  it(
    'does not wait for a batch that never comes once it is aborted',
    inFolder(async (options) => {
      const batch: BatchFunction = (position) =>
        position.imagesSeen < 80 ? regressionBatch(position) : new Promise(() => undefined);
      const controller = new AbortController();
      // Ten steps are done: the next batch never comes.
      const onProgress = ({ step: done }: TrainingProgress) =>
        void (done === 10 && setTimeout(() => controller.abort()));
      expect(await train({ ...options, batch, onProgress, signal: controller.signal })).toMatchObject({
        reason: 'aborted',
        imagesSeen: 80,
      });
    }),
  );

  it(
    'stops at a loss that is not finite and keeps the last good checkpoint',
    inFolder(async (options) => {
      const batch: BatchFunction = async (position) => {
        const good = await regressionBatch(position);
        if (position.imagesSeen === 96) (good.inputs.x as Float32Array).fill(NaN);
        return good;
      };
      const run = train({ ...options, batch, checkpointEvery: { images: 32 } });
      await expect(run).rejects.toThrow(
        /^train: loss and gradients must stay finite; stopped at 104 images \(step 13\), the last good checkpoint is .*images-000000000096\.safetensors, got "loss NaN, gradient norm NaN"$/,
      );
      const folder = await openRunFolder(options.directory);
      expect((await readCheckpoint((await latestCheckpoint(folder))!, step)).imagesSeen).toBe(96);
    }),
  );

  it(
    'saves what was done before a batch that cannot be made',
    inFolder(async (options) => {
      const batch: BatchFunction = (position) => {
        if (position.imagesSeen >= 40) throw new Error('broken picture');
        return regressionBatch(position);
      };
      await expect(train({ ...options, batch })).rejects.toThrow('broken picture');
      expect(await latestCheckpoint(await openRunFolder(options.directory))).toMatch(/images-000000000040/);
    }),
  );

  it(
    'saves what was done before a sample that cannot be written',
    inFolder(async (options) => {
      const onSample = () => Promise.reject(new Error('full disk'));
      await expect(train({ ...options, sampleEvery: 40, onSample })).rejects.toThrow('full disk');
      expect(await latestCheckpoint(await openRunFolder(options.directory))).toMatch(/images-000000000040/);
    }),
  );

  it(
    'names what is wrong with a batch',
    inFolder(async (options) => {
      const with_ = (inputs: Record<string, Float32Array | Int32Array>, images = 8): Promise<unknown> =>
        train({ ...options, batch: () => ({ inputs, images }) });
      const [x, y] = [new Float32Array(24), new Float32Array(16)];
      await expect(with_({ x })).rejects.toThrow('batch: an input is missing, got "y"');
      await expect(with_({ x, y: x })).rejects.toThrow('batch y: needs 16 elements, got 24');
      await expect(with_({ x, y: new Int32Array(16) })).rejects.toThrow(
        'batch y: needs a Float32Array, got "Int32Array"',
      );
      await expect(with_({ x, y, z: y })).rejects.toThrow('batch: no such input, got "z" (accepted: x, y)');
      await expect(with_({ x, y }, 0)).rejects.toThrow('images must be a whole number above 0');
    }),
  );

  it(
    'starts from given weights',
    inFolder(async (options) => {
      const initial = new Map([['second.weight', new Float32Array(32).fill(0.125)]]);
      const { checkpoint } = await train({ ...options, initial, learningRate: () => 0, totalImages: 8 });
      expect((await checkpointWeights(checkpoint)).get('second.weight')).toEqual(initial.get('second.weight'));
      await expect(
        train({ ...options, directory: `${options.directory}2`, initial: new Map([['third', new Float32Array(1)]]) }),
      ).rejects.toThrow('a parameter that the loss does not ask for, got "third"');
    }),
  );

  it(
    'names the folder that cannot be made and the rate that is no number',
    inFolder(async (options) => {
      await writeFile(options.directory, '');
      await expect(train(options)).rejects.toThrow(/run: cannot be made a run folder: /);
      const learningRate = () => NaN;
      await expect(train({ ...options, directory: `${options.directory}2`, learningRate })).rejects.toThrow(
        'learningRate: must be a finite number, got NaN',
      );
    }),
  );
});

describe('resuming', () => {
  const weightsAfter = async (options: TrainOptions) =>
    (await readCheckpoint((await train(options)).checkpoint, options.step)).state;

  for (const [name, resumed] of [
    ['adamw', step],
    ['muon', regressionStep({ optimizer: muon({ hidden: ({ shape }) => shape.length === 2 }) })],
  ] as const) {
    it(
      `gives the bits of a run that never stopped, with ${name}`,
      inFolder(async (options) => {
        const whole = await weightsAfter({ ...options, step: resumed });
        const parts = { ...options, step: resumed, directory: `${options.directory}-parts` };
        await train({ ...parts, totalImages: 80 });
        expect(await weightsAfter({ ...parts, resume: true })).toEqual(whole);
        const rows = await readMetrics(join(parts.directory, 'metrics.jsonl'));
        expect(rows.map(({ imagesSeen }) => imagesSeen)).toEqual(Array.from({ length: 20 }, (_, i) => 8 * (i + 1)));
      }),
    );
  }

  it(
    'survives a crash in the middle of a checkpoint, of a line of metrics and of a pointer',
    inFolder(async (options) => {
      const whole = await weightsAfter({ ...options, directory: `${options.directory}-whole` });
      await train({ ...options, totalImages: 80 });
      const folder = await openRunFolder(options.directory);
      const half = join(folder.checkpoints, '.images-000000000120.safetensors.0a1b2c3d.tmp');
      await copyFile((await latestCheckpoint(folder))!, half);
      await truncate(half, 1000);
      await writeFile(join(folder.checkpoints, '.latest.json.0a1b2c3d.tmp'), '{"fi');
      await writeFile(folder.metrics, '{"imagesSeen": 88, "step"', { flag: 'a' });
      expect(await weightsAfter({ ...options, resume: true })).toEqual(whole);
      expect((await readdir(folder.checkpoints)).filter((name) => name.startsWith('.'))).toEqual([]);
      expect((await readMetrics(folder.metrics)).map(({ imagesSeen }) => imagesSeen)).toContain(88);
    }),
  );

  it(
    'begins anew where no checkpoint was written yet',
    inFolder(async (options) => {
      await mkdir(dirname(options.directory), { recursive: true });
      expect(await train({ ...options, resume: true })).toMatchObject({ step: 20 });
    }),
  );

  it(
    'needs nothing more to do when the run is complete',
    inFolder(async (options) => {
      const first = await train(options);
      expect(await train({ ...options, resume: true })).toEqual({ ...first, reason: 'finished' });
    }),
  );

  it(
    'refuses a folder that holds another run',
    inFolder(async (options) => {
      const { checkpoint } = await train({ ...options, checkpointEvery: { images: 80 } });
      await expect(train(options)).rejects.toThrow(
        /^train: the folder already holds a run: resume it, or name another folder, got ".*run"$/,
      );
      await expect(train({ ...options, resume: true, seed: 6 })).rejects.toThrow(/has seed 5, got 6$/);
      await expect(train({ ...options, resume: true, step: regressionStep({ optimizer: muon() }) })).rejects.toThrow(
        /was written by the optimiser adamw, got "muon"$/,
      );
      await truncate(checkpoint, 2000);
      await expect(train({ ...options, resume: true })).rejects.toThrow(
        /images-000000000160\.safetensors: is truncated.* \(remove the file to go on from images-000000000080\.safetensors\)/,
      );
      await rm(checkpoint);
      expect(await train({ ...options, resume: true })).toMatchObject({ step: 20 });
    }),
  );
});

describe('weights of a checkpoint', () => {
  it(
    'leave the run under their own names',
    inFolder(async (options) => {
      const { checkpoint, folder } = await train(options);
      const path = join(folder.directory, 'model.safetensors');
      await exportWeights({ checkpoint, path });
      const { tensors, metadata } = await readSafetensors(path);
      expect([...tensors.keys()].sort()).toEqual(['first.bias', 'first.weight', 'second.weight']);
      expect(metadata.format).toBe('pt');
      const { state } = await readCheckpoint(checkpoint, step);
      expect(tensors.get('first.weight')?.data).toEqual(state.get('ema/first.weight'));
      expect((await checkpointWeights(checkpoint, 'parameters')).get('first.weight')).toEqual(
        state.get('param/first.weight'),
      );
      expect((await loadParameters(path, step.parameters)).get('second.weight')).toEqual(
        state.get('ema/second.weight'),
      );
      await expect(checkpointWeights(path)).rejects.toThrow('is no training checkpoint');
      await expect(
        loadParameters(path, [{ name: 'first.bias', shape: [4, 4], initializer: { kind: 'zeros' } }]),
      ).rejects.toThrow('first.bias: this network has shape [4, 4], got "[16]"');
    }),
  );
});
