import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openSession } from '@lascaux/nn/onnx';
import { TextToImagePipeline } from '@lascaux/pipeline';
import type { InferenceSession } from 'onnxruntime-common';
import type { FigureOptions } from './figure-options.js';
import { median } from './statistics.js';

/** How long painting takes with a model's own settings; medians over the runs. */
export interface TimeFigures {
  readonly runs: number;
  /** Process start to file of the command `generate`, in milliseconds. */
  readonly startToFile: number;
  /** One call of a loaded pipeline, in milliseconds. */
  readonly loadedCall: number;
  /** Share of a loaded call that is spent outside the sessions of ONNX Runtime. */
  readonly shareOutsideRuntime: number;
}

const DEFAULT_RUNS = 5;
const PROMPT = 'a cat';

/** Milliseconds from process start to file, as a user of the built command sees them. */
async function processRuns(model: string, seeds: readonly number[]): Promise<number[]> {
  const manifest = createRequire(import.meta.url).resolve('@lascaux/cli/package.json');
  const binary = join(dirname(manifest), 'bin', 'generate.js');
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-figures-'));
  const times: number[] = [];
  try {
    for (const seed of seeds) {
      const started = performance.now();
      const out = join(folder, `${seed}.png`);
      await promisify(execFile)(process.execPath, [
        binary,
        PROMPT,
        '--model',
        model,
        '--seed',
        String(seed),
        '--out',
        out,
      ]);
      times.push(performance.now() - started);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return times;
}

/** Adds up the milliseconds of every session's runs while it is watched. */
async function watchSessions(
  model: string,
): Promise<{ readonly milliseconds: () => number; readonly stop: () => void }> {
  const session = await openSession(join(model, 'vae_decoder', 'model.onnx'));
  const prototype = Object.getPrototypeOf(session) as Pick<InferenceSession, 'run'>;
  await session.release();
  const run = prototype.run as (this: InferenceSession, ...args: unknown[]) => ReturnType<InferenceSession['run']>;
  let spent = 0;
  prototype.run = async function (this: InferenceSession, ...args: unknown[]) {
    const started = performance.now();
    try {
      return await run.apply(this, args);
    } finally {
      spent += performance.now() - started;
    }
  };
  return { milliseconds: () => spent, stop: () => (prototype.run = run) };
}

/** Each call of a loaded pipeline: milliseconds in all, and the share outside the sessions. */
async function loadedRuns(model: string, seeds: readonly number[]): Promise<{ total: number; outside: number }[]> {
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  const watch = await watchSessions(model);
  const runs: { total: number; outside: number }[] = [];
  try {
    await pipeline.generate({ prompt: PROMPT });
    for (const seed of seeds) {
      const before = watch.milliseconds();
      const { total } = (await pipeline.generate({ prompt: PROMPT, seed })).timings;
      runs.push({ total, outside: 1 - (watch.milliseconds() - before) / total });
    }
  } finally {
    watch.stop();
    await pipeline.dispose();
  }
  return runs;
}

/**
 * Times `generate` from process start to file, which needs a build, and calls of a loaded pipeline.
 * @throws {LascauxError} naming the part of the model that is missing
 */
export async function timeFigures({ model, seed, count = DEFAULT_RUNS }: FigureOptions): Promise<TimeFigures> {
  const seeds = Array.from({ length: count }, (_, k) => seed + k);
  const loaded = await loadedRuns(model, seeds);
  return {
    runs: count,
    startToFile: median(await processRuns(model, seeds)),
    loadedCall: median(loaded.map(({ total }) => total)),
    shareOutsideRuntime: median(loaded.map(({ outside }) => outside)),
  };
}
