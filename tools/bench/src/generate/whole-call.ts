import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openSession } from '@lascaux/nn/onnx';
import { TextToImagePipeline, type GenerateOptions } from '@lascaux/pipeline';
import type { InferenceSession } from 'onnxruntime-common';

/** What whole calls of `generate` cost. */
export interface WholeCall {
  /** Milliseconds of a call, the first one left out. */
  readonly total: number;
  /** Milliseconds of these inside `session.run`. */
  readonly inside: number;
  /** Runs of a session in a call. */
  readonly runs: number;
  /** Largest resident memory of the process, bytes; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
  readonly fileBytes: number;
}

/** Adds up the time of every session's runs from now on. */
async function timedSessions(graph: string): Promise<{ milliseconds: number; runs: number }> {
  const spent = { milliseconds: 0, runs: 0 };
  const session = await openSession(graph);
  const prototype = Object.getPrototypeOf(session) as Pick<InferenceSession, 'run'>;
  await session.release();
  const run = prototype.run as (...argv: unknown[]) => Promise<InferenceSession.ReturnType>;
  prototype.run = async function (this: InferenceSession, ...argv: unknown[]) {
    const started = performance.now();
    const results = await run.apply(this, argv);
    spent.milliseconds += performance.now() - started;
    spent.runs += 1;
    return results;
  };
  return spent;
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const facts = await Promise.all(entries.map((entry) => stat(join(folder, entry))));
  return facts.reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

async function peakMemory(): Promise<number | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kilobytes = /VmHWM:\s*(\d+) kB/.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** How whole calls are counted. */
export interface WholeCallOptions extends Omit<GenerateOptions, 'prompt'> {
  /** Calls that count. */
  readonly rounds: number;
  /** Calls before them, of `steps` steps each: a loop of microseconds is at its speed only once it has been compiled. */
  readonly warmUp: { readonly calls: number; readonly steps: number };
}

/** Paints `rounds` pictures after the first ones and says how much of the time was spent around ONNX Runtime. */
export async function wholeCalls(model: string, { rounds, warmUp, ...options }: WholeCallOptions): Promise<WholeCall> {
  const bundled = await TextToImagePipeline.fromPretrained();
  const spent = await timedSessions(join(bundled.model.parts.vaeDecoder, 'model.onnx'));
  await bundled.dispose();
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  for (let i = 0; i < warmUp.calls; i++) await pipeline.generate({ prompt: 'a cat', ...options, steps: warmUp.steps });
  Object.assign(spent, { milliseconds: 0, runs: 0 });
  const started = performance.now();
  // Another prompt each time: what is kept from call to call shall not count.
  for (let seed = 0; seed < rounds; seed++) await pipeline.generate({ prompt: `${seed} cats`, ...options, seed });
  const total = performance.now() - started;
  await pipeline.dispose();
  return {
    total: total / rounds,
    inside: spent.milliseconds / rounds,
    runs: spent.runs / rounds,
    peakBytes: await peakMemory(),
    fileBytes: await bytesBelow(model),
  };
}
