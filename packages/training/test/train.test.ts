import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LascauxError } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { checkpointFiles, checkpointWeights, openRunFolder, readCheckpoint, readMetrics, train } from '@lascaux/training';
import type { TrainOptions } from '@lascaux/training';
import { describe, expect, it } from 'vitest';
import { regressionBatch, regressionStep, withFolder } from './regression.js';

const engine = onnxEngine({ threads: 1 });
const base = { engine, batch: regressionBatch, seed: 5, learningRate: () => 0.02, emaDecay: 0.98 };

describe('train', () => {
  it('learns a linear map', () =>
    withFolder(async (directory) => {
      const step = regressionStep();
      const result = await train({ ...base, step, directory, totalImages: 8 * 400, logEvery: 8 });
      expect(result).toMatchObject({ reason: 'finished', imagesSeen: 3200, step: 400 });
      const rows = await readMetrics(result.folder.metrics);
      expect(rows).toHaveLength(400);
      expect(rows[0]?.loss).toBeGreaterThan(0.5);
      const last = rows.slice(-20);
      expect(last.reduce((total, row) => total + row.loss, 0) / 20).toBeLessThan(0.03);
    }));

  it('resumes to the same bits as a run that never stopped', () =>
    withFolder(async (directory) => {
      const step = regressionStep({ clip: 1 });
      const whole = await train({ ...base, step, directory: join(directory, 'whole'), totalImages: 160 });
      const options: TrainOptions = { ...base, step, directory: join(directory, 'parts'), totalImages: 160 };
      await train({ ...options, totalImages: 80 });
      const parts = await train({ ...options, resume: true });
      const [a, b] = await Promise.all([whole, parts].map(({ checkpoint }) => readCheckpoint(checkpoint, step)));
      expect(b?.step).toBe(20);
      expect(b?.state).toEqual(a?.state);
      expect((await readMetrics(parts.folder.metrics)).at(-1)?.imagesSeen).toBe(160);
    }));
});
