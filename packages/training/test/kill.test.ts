import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onnxEngine } from '@lascaux/nn/onnx';
import { latestCheckpoint, openRunFolder, readCheckpoint, train } from '@lascaux/training';
import { expect, it } from 'vitest';
import { regressionBatch, regressionStep, withFolder } from './regression.js';

const script = fileURLToPath(new URL('killed-run.ts', import.meta.url));

/** Lets a run in a process of its own go on until it has saved something, then kills it without warning. */
async function runAndKill(directory: string): Promise<number> {
  const folder = await openRunFolder(directory);
  const child = spawn(process.execPath, ['--conditions=@lascaux/source', '--import', 'tsx', script, directory], {
    stdio: 'ignore',
  });
  const before = await latestCheckpoint(folder);
  while ((await latestCheckpoint(folder)) === before && child.exitCode === null) await wait(5);
  await wait(20);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const path = await latestCheckpoint(folder);
  return Number(/(\d+)\.safetensors$/.exec(path ?? '')?.[1]);
}

it(
  'goes on bit for bit after kill -9, twice',
  () =>
    withFolder(async (directory) => {
      const options = {
        engine: onnxEngine({ threads: 1 }),
        step: regressionStep(),
        batch: regressionBatch,
        seed: 5,
        learningRate: () => 0.02,
      };
      const first = await runAndKill(join(directory, 'killed'));
      const second = await runAndKill(join(directory, 'killed'));
      expect(second).toBeGreaterThan(first);
      const totalImages = second + 40;
      const killed = await train({ ...options, directory: join(directory, 'killed'), totalImages, resume: true });
      const whole = await train({ ...options, directory: join(directory, 'whole'), totalImages });
      const [a, b] = await Promise.all(
        [killed, whole].map(async ({ checkpoint }) => (await readCheckpoint(checkpoint, options.step)).state),
      );
      expect(a).toEqual(b);
    }),
  120_000,
);
