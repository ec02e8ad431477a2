import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { LascauxError } from '../errors.js';
import type { Program } from '../program/program.js';
import { sizeOf } from '../program/shape.js';
import type { Replica, ReplicaAnswer, ReplicaTask } from '../replica.js';
import { channelBlockOfCpu } from './channel-block.js';
import { encodeModel } from './model.js';
import { programGraph } from './program-graph.js';
import { sessionOptions } from './session.js';

/** The thread's whole program, as text for the reason that `inference-thread.ts` gives. The tasks are those of `replica.ts`. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { InferenceSession, Tensor } = require(workerData.runtime);
const sessions = new Map();
const arrays = new Map();
const typeOf = (data) => data instanceof Float32Array ? 'float32' : data instanceof Uint16Array ? 'float16' : data instanceof Int32Array ? 'int32' : 'int64';
const viewOf = ({ memory, offset, length }) => new Float32Array(memory, offset * 4, length);
const held = (name) => {
  const tensor = arrays.get(name);
  if (tensor === undefined) throw new Error('no array ' + name);
  return tensor;
};
const does = {
  put: ({ name, data, shape }) => { arrays.set(name, new Tensor(typeOf(data), data, shape)); },
  pull: ({ name, part }) => { held(name).data.set(viewOf(part)); },
  push: ({ name, part }) => { viewOf(part).set(held(name).data); },
  add: ({ name, part }) => {
    const [sum, data] = [viewOf(part), held(name).data];
    for (let i = 0; i < sum.length; i++) sum[i] += data[i];
  },
  reduce: ({ name, parts, factor }, answer) => {
    const sum = held(name).data;
    const views = parts.map(viewOf);
    let squares = 0;
    for (let i = 0; i < sum.length; i++) {
      let value = views[0][i];
      for (let k = 1; k < views.length; k++) value += views[k][i];
      sum[i] = value * factor;
      squares += sum[i] * sum[i];
    }
    answer.squares += squares;
  },
  run: async ({ program }, answer) => {
    const { session, outputs } = sessions.get(program);
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, held(name)]));
    const fetches = Object.fromEntries(outputs.map(({ name, shape, size }) => {
      if (!arrays.has(name)) arrays.set(name, new Tensor('float32', new Float32Array(size), shape));
      return [name, arrays.get(name)];
    }));
    await session.run(feeds, fetches);
    for (const { name, size } of outputs) if (size === 1) answer.scalars[name] = held(name).data[0];
  },
  swap: ({ names }) => {
    for (const [a, b] of names) {
      const [x, y] = [held(a), held(b)];
      arrays.set(a, y).set(b, x);
    }
  },
  read: ({ names }, answer) => { for (const name of names) answer.arrays[name] = Float32Array.from(held(name).data); },
};
const text = (error) => error instanceof Error ? error.message : String(error);
let last = Promise.resolve();
parentPort.on('message', ({ open, tasks }) => {
  last = last.then(async () => {
    try {
      if (open) {
        sessions.set(open.name, { session: await InferenceSession.create(open.model, workerData.options), outputs: open.outputs });
        parentPort.postMessage({ opened: true });
      } else if (tasks) {
        const answer = { scalars: {}, squares: 0, arrays: {} };
        for (const task of tasks) await does[task.kind](task, answer);
        parentPort.postMessage({ answer });
      } else {
        for (const { session } of sessions.values()) await session.release();
        parentPort.close();
      }
    } catch (error) { parentPort.postMessage({ failed: text(error) }); }
  });
});`;

interface Message {
  readonly answer?: ReplicaAnswer;
  readonly opened?: true;
  readonly failed?: string;
}

interface Waiting {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

/** Questions to the thread; answers come in their order. It keeps the process alive only while one is awaited. */
function conversation(worker: Worker): {
  readonly ask: (message: object, transfer?: readonly ArrayBuffer[]) => Promise<Message>;
  readonly end: () => Promise<void>;
} {
  const queue: Waiting[] = [];
  const fail = (error: Error): void => queue.splice(0).forEach(({ reject }) => reject(error));
  worker.on('message', (message: Message) => {
    const waiting = queue.shift();
    if (queue.length === 0) worker.unref();
    if (message.failed === undefined) waiting?.resolve(message);
    else waiting?.reject(new LascauxError({ operation: 'replica', rule: message.failed }));
  });
  worker.on('error', fail);
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      fail(new LascauxError({ operation: 'replica', rule: 'the thread has ended' }));
      resolve();
    });
  });
  worker.unref();
  return {
    ask: (message, transfer = []) =>
      new Promise((resolve, reject) => {
        queue.push({ resolve, reject });
        worker.ref();
        worker.postMessage(message, [...transfer]);
      }),
    end: async () => {
      worker.ref();
      worker.postMessage({});
      await ended;
    },
  };
}

/** Buffers that a list of tasks hands over. */
const handedOver = (tasks: readonly ReplicaTask[]): readonly ArrayBuffer[] =>
  tasks.flatMap((task) => (task.kind === 'put' ? [task.data.buffer as ArrayBuffer] : []));

/** Starts a thread that runs programs with ONNX Runtime on one core. Arrays of `put` tasks are gone for the caller. */
export function openReplicaThread(): Replica {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const worker = new Worker(PROGRAM, { eval: true, workerData: { runtime, options: sessionOptions({ threads: 1 }) } });
  const { ask, end } = conversation(worker);
  return {
    open: async (name, program: Program) => {
      const model = encodeModel(programGraph(program, { channelBlock: await channelBlockOfCpu() }));
      const outputs = program.outputs.map(({ name: output, id }) => {
        const shape = program.types.get(id)!.shape;
        return { name: output, shape, size: sizeOf(shape) };
      });
      await ask({ open: { name, model, outputs } });
    },
    perform: async (tasks) => (await ask({ tasks }, handedOver(tasks))).answer!,
    dispose: end,
  };
}
