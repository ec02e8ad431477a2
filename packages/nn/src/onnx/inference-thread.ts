import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-common';
import { LascauxError } from '../errors.js';
import { sessionOptions, type SessionOptions } from './session.js';

/** A float32 tensor that is transferred to the thread: the caller's array is then detached. */
export interface HandedTensor {
  readonly data: Float32Array<ArrayBuffer>;
  readonly dims: readonly number[];
}

/** A network in a thread of its own, so that images are prepared while it runs. */
export interface InferenceThread {
  readonly inputs: readonly InferenceSession.ValueMetadata[];
  readonly outputs: readonly InferenceSession.ValueMetadata[];
  /** One input, one output. Calls are run in their order. */
  run(names: { input: string; output: string }, tensor: HandedTensor): Promise<Float32Array>;
  /** Releases native memory and ends the thread. */
  dispose(): Promise<void>;
}

/**
 * The thread's whole program. It is text, since a package may be run from TypeScript sources, from `dist` or inside a test runner,
 * where a file of its own would be found under different names.
 */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { InferenceSession, Tensor } = require(workerData.runtime);
const text = (error) => error instanceof Error ? error.message : String(error);
const opened = InferenceSession.create(workerData.model, workerData.options);
opened.then(
  (session) => parentPort.postMessage({ inputs: session.inputMetadata, outputs: session.outputMetadata }),
  (error) => { parentPort.postMessage({ refused: text(error) }); parentPort.close(); },
);
let last = opened;
parentPort.on('message', ({ names, data, dims }) => {
  last = last.then(async () => {
    const session = await opened;
    if (!names) { await session.release(); parentPort.close(); return; }
    try {
      const results = await session.run({ [names.input]: new Tensor('float32', data, dims) }, [names.output]);
      const features = Float32Array.from(results[names.output].data);
      parentPort.postMessage({ features }, [features.buffer]);
    } catch (error) { parentPort.postMessage({ failed: text(error) }); }
  });
});`;

interface Opened {
  readonly inputs?: readonly InferenceSession.ValueMetadata[];
  readonly outputs?: readonly InferenceSession.ValueMetadata[];
  readonly refused?: string;
}

interface Answer {
  readonly features?: Float32Array;
  readonly failed?: string;
}

interface Waiting {
  readonly resolve: (features: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens a model in a thread of its own; ONNX Runtime's `run` holds the calling thread until it is done.
 *
 * Why: docs/decisions/0083.
 * @param model a file, or bytes, which are handed over when `handOver` is set.
 * @throws LascauxError naming the file when it is missing or refused, and the device when it is not there.
 */
export async function openInferenceThread(
  model: string | Uint8Array,
  options: Pick<SessionOptions, 'device' | 'threads'> & { handOver?: boolean } = {},
): Promise<InferenceThread> {
  const { handOver = false, ...session } = options;
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: { runtime, model, options: sessionOptions(session) },
    transferList: handOver && typeof model !== 'string' ? [model.buffer as ArrayBuffer] : [],
  });
  const { inputs, outputs, refused } = await firstMessage(worker);
  if (!inputs || !outputs) {
    const rule = `ONNX Runtime cannot load it: ${refused ?? 'the thread ended'}`;
    throw new LascauxError({ operation: typeof model === 'string' ? model : 'model', rule });
  }
  return { inputs, outputs, ...conversation(worker) };
}

function firstMessage(worker: Worker): Promise<Opened> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => resolve({}));
  });
}

/** Answers come in the order of the questions. The thread keeps the process alive only while one is awaited. */
function conversation(worker: Worker): Pick<InferenceThread, 'run' | 'dispose'> {
  const queue: Waiting[] = [];
  worker.on('message', ({ features, failed }: Answer) => {
    const waiting = queue.shift();
    if (queue.length === 0) worker.unref();
    if (features) waiting?.resolve(features);
    else waiting?.reject(new LascauxError({ operation: 'inference', rule: failed ?? 'no answer' }));
  });
  const fail = (error: Error): void => queue.splice(0).forEach(({ reject }) => reject(error));
  worker.on('error', fail);
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      fail(new LascauxError({ operation: 'inference', rule: 'the thread has ended' }));
      resolve();
    });
  });
  worker.unref();
  return {
    run: (names, { data, dims }) =>
      new Promise((resolve, reject) => {
        queue.push({ resolve, reject });
        worker.ref();
        worker.postMessage({ names, data, dims }, [data.buffer]);
      }),
    async dispose() {
      worker.ref();
      worker.postMessage({});
      await ended;
    },
  };
}
