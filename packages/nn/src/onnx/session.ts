import * as ort from 'onnxruntime-node';
import { LascauxError, check } from '../errors.js';
import { missingProviderLibrary } from './provider-library.js';

/** Options of `openSession`. */
export interface SessionOptions {
  /** Execution provider: `cpu` (default), `webgpu`, `cuda`, `coreml`, `dml` … as far as this build of ONNX Runtime has it. */
  readonly device?: string;
  /** Threads for one operator; ONNX Runtime's own choice by default. */
  readonly threads?: number;
  /** Bytes that stand in for files of weights beside the graph, by the names that it has for them. */
  readonly weights?: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** Further options, passed to ONNX Runtime as they are. */
  readonly extra?: ort.InferenceSession.SessionOptions;
}

/** Numbers too small for a normal float slow a CPU down by an order of magnitude and carry nothing. */
const withoutDenormals = { session: { set_denormal_as_zero: '1' } };

/**
 * ONNX Runtime 1.30 reports its use to Microsoft on every platform and keeps an identifier in the user's cache folder, unless this variable
 * is set when the first session opens. Who wants that sets it to 0.
 */
function withoutTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}

/** The execution providers that can be asked for here. */
export const availableDevices = (): readonly string[] => ort.listSupportedBackends().map((backend) => backend.name);

/**
 * Options as ONNX Runtime takes them, for sessions that are opened elsewhere, such as in a worker thread.
 * Why: docs/decisions/0093.
 * @throws {LascauxError} (usage) when this ONNX Runtime lacks the device
 */
export function sessionOptions({
  device = 'cpu',
  threads,
  weights = [],
  extra = {},
}: SessionOptions): ort.InferenceSession.SessionOptions {
  withoutTelemetry();
  const devices = availableDevices();
  check(devices.includes(device), {
    option: 'device',
    rule: 'this ONNX Runtime has no such execution provider',
    value: device,
    accepted: devices,
    kind: 'usage',
  });
  const missing = missingProviderLibrary(device);
  check(missing === undefined, {
    option: 'device',
    rule: `${device} needs a library that is not installed (npm rebuild onnxruntime-node fetches it where ONNXRUNTIME_NODE_INSTALL allows it)`,
    value: missing,
    kind: 'usage',
  });
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    graphOptimizationLevel: 'all',
    // Everything that matters is thrown. At level 3 the runtime would also print a line of its own, say for damaged weights, and an error
    // is to be one line.
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(weights.length === 0 ? {} : { externalData: weights }),
    extra: withoutDenormals,
    ...extra,
  };
}

/**
 * Opens a model file (or the bytes of one) with ONNX Runtime.
 * @throws {LascauxError} naming the file when it is missing, truncated or refused, and naming the device when it is not there
 */
export async function openSession(
  model: string | Uint8Array,
  options: SessionOptions = {},
): Promise<ort.InferenceSession> {
  const resolved = sessionOptions(options);
  try {
    return typeof model === 'string'
      ? await ort.InferenceSession.create(model, resolved)
      : await ort.InferenceSession.create(model, resolved);
  } catch (cause) {
    refuseWithoutAdapter(cause, options.device);
    const modelName = typeof model === 'string' ? model : 'model';
    throw new LascauxError({
      operation: modelName,
      rule: `ONNX Runtime cannot load it: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}

/** A machine without a GPU has the provider, which fails only when the first session opens: then the device is to blame, not the model. */
function refuseWithoutAdapter(cause: unknown, device: string | undefined): void {
  check(device !== 'webgpu' || !/WebGPU adapter/i.test(String(cause)), {
    option: 'device',
    rule: 'webgpu needs a GPU with a driver for Vulkan, Metal or Direct3D 12, and none was found',
    value: device,
    accepted: availableDevices().filter((name) => name !== device),
    kind: 'usage',
  });
}
