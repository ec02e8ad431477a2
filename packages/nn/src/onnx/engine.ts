import * as ort from 'onnxruntime-node';
import type { DeviceTensor, DeviceTensors, Engine, Executable } from '../engine.js';
import type { TensorData } from '../tensor-data.js';
import { LascauxError, check } from '../errors.js';
import type { Program } from '../program/program.js';
import type { DType } from '../program/shape.js';
import { sizeOf } from '../program/shape.js';
import { channelBlockOfCpu } from './channel-block.js';
import type { Downloader } from './download.js';
import { downloader } from './download.js';
import { encodeModel } from './model.js';
import { programGraph } from './program-graph.js';
import { openReplicaThread } from './replica-thread.js';
import { openSession } from './session.js';

/** Options of `onnxEngine`. */
export interface OnnxEngineOptions {
  /** Execution provider, `cpu` by default. */
  readonly device?: string;
  readonly threads?: number;
}

const dtypeOf = (data: TensorData): DType => {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint16Array) return 'float16';
  return data instanceof Int32Array ? 'int32' : 'int64';
};

class OnnxTensor implements DeviceTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;

  constructor(
    readonly tensor: ort.Tensor,
    readonly download: Downloader,
  ) {
    this.shape = tensor.dims;
    this.dtype = tensor.type as DType;
  }

  read(): Promise<TensorData> {
    return this.download.read(this.tensor);
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

const wrapped = (name: string, tensor: DeviceTensor): ort.Tensor => {
  if (!(tensor instanceof OnnxTensor))
    throw new LascauxError({ operation: 'run', rule: 'the tensor belongs to another engine', value: name });
  return tensor.tensor;
};

/** Outputs up to this many elements (losses, norms) come back to the CPU; bigger ones stay on the device. */
const SMALL = 64;

class OnnxExecutable implements Executable {
  readonly #session: ort.InferenceSession;
  readonly #onCpu: boolean;
  readonly #download: Downloader;

  constructor(session: ort.InferenceSession, { onCpu, download }: { onCpu: boolean; download: Downloader }) {
    this.#session = session;
    this.#onCpu = onCpu;
    this.#download = download;
  }

  async run(inputs: DeviceTensors, recycled: DeviceTensors = {}): Promise<DeviceTensors> {
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of this.#session.inputNames) {
      const tensor = inputs[name];
      check(tensor !== undefined, { operation: 'run', rule: 'an input is missing', value: name });
      feeds[name] = wrapped(name, tensor);
    }
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const name of this.#session.outputNames) {
      const reused = recycled[name];
      fetches[name] = reused !== undefined && this.#onCpu ? wrapped(name, reused) : null;
      if (!this.#onCpu) reused?.dispose();
    }
    const results = await this.#session.run(feeds, fetches);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, new OnnxTensor(tensor, this.#download)]),
    );
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * A residual sum before a layer norm is fused with it to a kernel that on WebGPU leaves out the deviations, which gradients need: the next
 * node then complains of a missing input. Why: docs/decisions/0069.
 */
const forWebgpu = { optimization: { disable_specified_optimizers: 'SkipLayerNormFusion' } };

/** Where each output stays: on the device unless it is small. */
function outputLocations(program: Program): Record<string, ort.Tensor.DataLocation> {
  return Object.fromEntries(
    program.outputs.map(({ name, id }) => {
      const shape = program.types.get(id)?.shape ?? [];
      return [name, sizeOf(shape) <= SMALL ? 'cpu' : 'gpu-buffer'];
    }),
  );
}

/**
 * The engine that writes a program as one ONNX graph and runs it with onnxruntime-node.
 * @throws {LascauxError} on `compile`, when the device is not there
 */
export function onnxEngine({ device = 'cpu', threads }: OnnxEngineOptions = {}): Engine {
  const onCpu = device !== 'webgpu';
  const download = downloader(device);
  return {
    name: 'onnx',
    device,
    upload: (data, shape) => {
      check(data.length === sizeOf(shape), {
        operation: 'upload',
        rule: `[${shape.join(', ')}] needs ${sizeOf(shape)} elements`,
        value: data.length,
      });
      return new OnnxTensor(new ort.Tensor(dtypeOf(data), data as Float32Array, [...shape]), download);
    },
    compile: async (program) => {
      const extra = onCpu ? {} : { preferredOutputLocation: outputLocations(program), extra: forWebgpu };
      const channelBlock = device === 'cpu' ? await channelBlockOfCpu() : 1;
      const session = await openSession(encodeModel(programGraph(program, { channelBlock })), {
        device,
        ...(threads === undefined ? {} : { threads }),
        extra,
      });
      return new OnnxExecutable(session, { onCpu, download });
    },
    ...(device === 'cpu' ? { openReplica: openReplicaThread } : {}),
    dispose: () => download.dispose(),
  };
}
