import type * as ort from 'onnxruntime-node';
import type { TensorData } from '../tensor-data.js';
import type { DType } from '../program/shape.js';
import { encodeModel } from './model.js';
import { openSession } from './session.js';

/** Brings tensors from a device to the CPU. */
export interface Downloader {
  read(tensor: ort.Tensor): Promise<TensorData>;
  dispose(): Promise<void>;
}

/** A model that hands its input on. */
function copyModel(dtype: DType, rank: number): Uint8Array {
  const shape = Array.from({ length: rank }, (_, i) => `axis${i}`);
  return encodeModel({
    nodes: [{ type: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [{ name: 'x', dtype, shape }],
    outputs: [{ name: 'y', dtype, shape }],
  });
}

/**
 * Downloads by running a graph that changes nothing and whose output stays on the CPU: `getData` of a GPU tensor ends the process in
 * onnxruntime-node 1.30 ("terminate called after throwing an instance of 'char const*'").
 * Why: docs/decisions/0048.
 */
export function downloader(device: string): Downloader {
  const sessions = new Map<string, Promise<ort.InferenceSession>>();
  const sessionFor = (dtype: DType, rank: number): Promise<ort.InferenceSession> => {
    const key = `${dtype}/${rank}`;
    const session = sessions.get(key) ?? openSession(copyModel(dtype, rank), { device });
    sessions.set(key, session);
    return session;
  };
  // One at a time: runs of one session at once are not safe on every device.
  let last: Promise<unknown> = Promise.resolve();
  const copy = async (tensor: ort.Tensor): Promise<TensorData> => {
    const session = await sessionFor(tensor.type as DType, tensor.dims.length);
    return (await session.run({ x: tensor })).y?.data as TensorData;
  };
  return {
    read: (tensor) => {
      if (tensor.location === 'cpu') return Promise.resolve(tensor.data as TensorData);
      const copied = last.then(() => copy(tensor));
      last = copied.catch(() => undefined);
      return copied;
    },
    dispose: async () => {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}
