import * as ort from 'onnxruntime-node';
import { encodeModel } from './model.js';
import { openSession } from './session.js';

/** More channels than any block has, and two cells. */
const CHANNELS = 64;
const CELLS = 2;

/** How many channels one pass over a probe finds side by side. */
async function measured(): Promise<number> {
  const shape = [1, CHANNELS, 1, CELLS];
  const model = encodeModel({
    nodes: [{ type: 'ReorderInput', domain: 'com.microsoft.nchwc', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [{ name: 'x', dtype: 'float32', shape }],
    outputs: [{ name: 'y', dtype: 'float32', shape }],
  });
  const session = await openSession(model, { threads: 1 });
  // The number of each cell's column: in blocks, all channels of column 0 come before the first of column 1.
  const columns = Float32Array.from({ length: CHANNELS * CELLS }, (_, i) => i % CELLS);
  const { y } = await session.run({ x: new ort.Tensor('float32', columns, shape) });
  await session.release();
  const block = ((y as ort.Tensor).data as Float32Array).indexOf(1);
  return block >= 4 && block <= 32 ? block : 1;
}

let known: Promise<number> | undefined;

/**
 * The number of channels that ONNX Runtime puts side by side for convolutions on this processor (8 or 16 on x64), asked of the runtime
 * itself; 1 where it has no such layout.
 */
export function channelBlockOfCpu(): Promise<number> {
  known ??= measured().catch(() => 1);
  return known;
}
