import { externalNames } from '@lascaux/models/source';
import { LascauxError, check, pathIn, sourceBytes, type ModelSource } from '@lascaux/nn';
import type { GraphSession } from '@lascaux/vae';
import type { InferenceSession } from 'onnxruntime-common';

/** The part of an ONNX Runtime that opens graphs: the module `onnxruntime-node` or `onnxruntime-web` itself. */
export interface GraphRuntime {
  readonly InferenceSession: {
    create(graph: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
}

/** Numbers too small for a normal float slow a CPU down by an order of magnitude and carry nothing. */
const DEFAULTS: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'all',
  extra: { session: { set_denormal_as_zero: '1' } },
};

/** Graphs of a source, opened by a runtime. */
export interface SourceGraphs {
  readonly source: ModelSource;
  readonly runtime: GraphRuntime;
  readonly sessionOptions?: InferenceSession.SessionOptions;
}

/**
 * Opens `model.onnx` of a folder of a source, with the weights beside it where there are any.
 * @throws LascauxError naming the file that is missing, or that the runtime cannot load
 */
export async function openGraph(
  { source, runtime, sessionOptions = {} }: SourceGraphs,
  folder: string,
): Promise<GraphSession> {
  const path = pathIn(folder, 'model.onnx');
  const graph = await sourceBytes(source, path);
  check(graph !== undefined, { operation: source.name, rule: `part ${folder} must hold its graph`, value: path });
  const externalData = [];
  for (const name of await externalNames(graph)) {
    const data = await sourceBytes(source, pathIn(folder, name));
    check(data !== undefined, { operation: path, rule: 'its external data is missing', value: pathIn(folder, name) });
    externalData.push({ path: name, data });
  }
  const options = { ...DEFAULTS, ...(externalData.length === 0 ? {} : { externalData }), ...sessionOptions };
  return runtime.InferenceSession.create(graph, options).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: `ONNX Runtime cannot load it: ${reason}`, cause });
  });
}
