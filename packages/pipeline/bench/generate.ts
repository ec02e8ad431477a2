import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TextToImagePipeline, findModel } from '@lascaux/pipeline';
import { openSession } from '@lascaux/nn/onnx';
import type { InferenceSession } from 'onnxruntime-common';

// How long `generate` takes from process start to file, and how much of a loaded call is spent outside ONNX Runtime.
//   node --conditions=@lascaux/source --import tsx packages/pipeline/bench/generate.ts [MODEL-DIR]

const RUNS = 5;
const model = findModel(process.argv[2]);
const prompt = 'a cat';

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Milliseconds from process start to file, as a user sees them; needs a build. */
async function coldRuns(): Promise<number[]> {
  const binary = fileURLToPath(new URL('../bin/generate.js', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-bench-'));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    const argv = [binary, prompt, '--model', model, '--seed', String(run), '--out', join(folder, 'x.png')];
    await promisify(execFile)(process.execPath, argv);
    times.push(performance.now() - started);
  }
  await rm(folder, { recursive: true });
  return times;
}

/** Milliseconds of each call of a loaded pipeline, in all and inside `session.run`. */
async function loadedRuns(): Promise<{ total: number; inside: number }[]> {
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  const inside = await timeSessions();
  await pipeline.generate({ prompt });
  const runs: { total: number; inside: number }[] = [];
  for (let seed = 0; seed < RUNS; seed++) {
    const before = inside.milliseconds;
    const { timings } = await pipeline.generate({ prompt, seed });
    runs.push({ total: timings.total, inside: inside.milliseconds - before });
  }
  await pipeline.dispose();
  return runs;
}

/** Adds up the time of every session's runs from now on. */
async function timeSessions(): Promise<{ milliseconds: number }> {
  const spent = { milliseconds: 0 };
  const session = await openSession(join(model, 'vae_decoder', 'model.onnx'));
  const prototype = Object.getPrototypeOf(session) as Pick<InferenceSession, 'run'>;
  await session.release();
  const run = prototype.run as (...argv: unknown[]) => Promise<InferenceSession.ReturnType>;
  prototype.run = async function (this: InferenceSession, ...argv: unknown[]) {
    const started = performance.now();
    const results = await run.apply(this, argv);
    spent.milliseconds += performance.now() - started;
    return results;
  };
  return spent;
}

const loaded = await loadedRuns();
const outside = loaded.map(({ total, inside }) => 1 - inside / total);
const cold = await coldRuns();
console.log(`model                        ${model}`);
console.log(`process start to file        ${median(cold).toFixed(0)} ms, median of ${RUNS}`);
console.log(
  `loaded call                  ${median(loaded.map(({ total }) => total)).toFixed(0)} ms, median of ${RUNS}`,
);
console.log(`share outside ONNX Runtime   ${(100 * median(outside)).toFixed(2)} %, median of ${RUNS}`);
