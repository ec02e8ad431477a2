import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { randomStream } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { latestCheckpoint, openRunFolder, train } from '@lascaux/training';
import type { RunFolder } from '@lascaux/training';
import { expect, it } from 'vitest';
import { regressionBatch, regressionStep, withFolder } from './regression.js';

const script = fileURLToPath(new URL('killed-run.ts', import.meta.url));
/** More of them look closer: `LASCAUX_KILLS=30 npx vitest run packages/training/test/kill.test.ts`. */
const KILLS = Number(process.env.LASCAUX_KILLS ?? 4);

const strayFiles = async (folder: RunFolder): Promise<string[]> =>
  (await readdir(folder.directory, { recursive: true })).filter((name) => name.endsWith('.tmp'));

/** Resolves when a checkpoint is being written: its temporary file has appeared. */
async function whileWriting(folder: RunFolder): Promise<void> {
  const abort = new AbortController();
  const watcher = watch(folder.checkpoints, { signal: abort.signal });
  for (;;) {
    const [, name] = (await once(watcher, 'change')) as [string, string];
    if (name.startsWith('.images-')) return abort.abort();
  }
}

/** Lets a run in a process of its own go on, then kills it without warning. Returns the images saved, and the files that were cut short. */
async function runAndKill(
  { folder, replicas }: { readonly folder: RunFolder; readonly replicas: number },
  moment: () => Promise<void>,
): Promise<{ saved: number; cut: string[] }> {
  const run = ['--conditions=@lascaux/source', '--import', 'tsx', script, folder.directory, `${replicas}`];
  const child = spawn(process.execPath, run, { stdio: 'ignore' });
  const exit = once(child, 'exit');
  await Promise.race([moment(), exit]);
  child.kill('SIGKILL');
  await exit;
  expect(child.signalCode).toBe('SIGKILL');
  const path = await latestCheckpoint(folder);
  return { saved: Number(/(\d+)\.safetensors$/.exec(path ?? '')?.[1] ?? 0), cut: await strayFiles(folder) };
}

it.each([1, 2])(
  'with %i replicas ends byte for byte like a run never killed, after kill -9 in the middle of checkpoints and at any other moment',
  (replicas) =>
    withFolder(async (directory) => {
      const folder = await openRunFolder(join(directory, 'killed'));
      const random = randomStream(11);
      let saved = 0;
      let cutShort = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const pause = 200 * random.uniform();
        const done = await runAndKill({ folder, replicas }, async () => {
          await whileWriting(folder);
          if (kill % 2 === 1) await wait(pause);
        });
        expect(done.saved).toBeGreaterThanOrEqual(saved);
        saved = done.saved;
        cutShort += done.cut.length;
      }
      expect(cutShort).toBeGreaterThan(0);

      const options = {
        engine: onnxEngine({ threads: 1 }),
        step: regressionStep(),
        batch: regressionBatch,
        seed: 5,
        replicas,
        learningRate: () => 0.02,
        totalImages: saved + 40,
      };
      const killed = await train({ ...options, directory: folder.directory, resume: true });
      const whole = await train({ ...options, directory: join(directory, 'whole') });
      expect((await readFile(killed.checkpoint)).equals(await readFile(whole.checkpoint))).toBe(true);
      expect(await strayFiles(folder)).toEqual([]);
    }),
  60_000 + 60_000 * KILLS,
);
