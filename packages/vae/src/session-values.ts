import { LascauxError, fromFloat16, toFloat16 } from '@lascaux/nn';
import { Tensor, type InferenceSession } from 'onnxruntime-common';

/** The part of ONNX Runtime's session that is used; tests pass their own. */
export type GraphSession = Pick<InferenceSession, 'inputMetadata' | 'outputMetadata' | 'run' | 'release'>;

/** What a session declares about one input or output. */
export type ValueMetadata = InferenceSession.ValueMetadata;

/**
 * Numbers as a tensor of the type that a session declares for an input (export vintages differ, so the declaration
 * decides): float32, float16, int32 or int64.
 * @throws LascauxError for any other declared type.
 */
export function feedTensor(metadata: ValueMetadata, values: Float32Array, dims: readonly number[]): Tensor {
  const type = metadata.isTensor ? metadata.type : 'sequence';
  if (type === 'float32') return new Tensor('float32', values, dims);
  if (type === 'float16') return new Tensor('float16', toFloat16(values), dims);
  if (type === 'int32') return new Tensor('int32', Int32Array.from(values), dims);
  if (type === 'int64')
    return new Tensor(
      'int64',
      BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
      dims,
    );
  throw new LascauxError({
    operation: 'run model',
    rule: `input ${metadata.name} must be of a known type`,
    value: type,
    accepted: ['float32', 'float16', 'int32', 'int64'],
  });
}

/** The elements of a result as float32, whichever float type the graph computes in. */
export function readFloats(tensor: Tensor): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return fromFloat16(data);
  // Newer versions of Node hand out float16 results as Float16Array.
  if (tensor.type === 'float16') return Float32Array.from(data as ArrayLike<number>);
  throw new LascauxError({
    operation: 'run model',
    rule: 'a result must be of a float type',
    value: tensor.type,
    accepted: ['float32', 'float16'],
  });
}

/**
 * What a session declares for an input or output of one of the given names, the first that is there.
 * @throws LascauxError when none is there, with the declared names.
 */
export function findValue(values: readonly ValueMetadata[], names: readonly string[], what: string): ValueMetadata {
  const found = names.map((name) => values.find((value) => value.name === name)).find((value) => value !== undefined);
  if (found !== undefined) return found;
  throw new LascauxError({
    operation: what,
    rule: `the graph must have a value named ${names.join(' or ')}`,
    value: values.map((value) => value.name).join(', '),
  });
}

/** The part of ONNX Runtime's session that is run. */
export type Runnable = Pick<InferenceSession, 'run'>;

/**
 * Runs a session for one output and reads it as float32.
 * @param run.part names the graph in errors, usually by its folder
 * @throws LascauxError with the runtime's reason, such as sizes that the graph cannot take.
 */
export async function runForFloats(
  session: Runnable,
  run: { readonly feeds: Readonly<Record<string, Tensor>>; readonly output: string; readonly part: string },
): Promise<Float32Array> {
  const { feeds, output, part } = run;
  const results = await session.run(feeds, [output]).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: part, rule: `ONNX Runtime cannot run it: ${reason}`, cause });
  });
  return readFloats(results[output]!);
}
