import { LascauxError, check, fromBfloat16, fromFloat16, readSafetensors, writeSafetensors } from '@lascaux/nn';
import type { ParameterSpec, SafetensorsTensor } from '@lascaux/nn';

/**
 * Parameters by name from a safetensors file, for `initial`; half-precision numbers are widened.
 * @param specs what the network asks for
 * @param candidates the names that the file may have for a parameter, best first; default: its own name alone
 * @throws {LascauxError} naming the tensor that is missing, not of floating-point numbers, or of another shape
 */
export async function loadParameters(
  path: string,
  specs: readonly ParameterSpec[],
  candidates: (name: string) => readonly string[] = (name) => [name],
): Promise<Map<string, Float32Array>> {
  const { tensors } = await readSafetensors(path);
  return new Map(
    specs.map(({ name, shape }) => {
      const stored = candidates(name).find((candidate) => tensors.has(candidate));
      const tensor = stored === undefined ? undefined : tensors.get(stored);
      check(tensor !== undefined, { operation: path, rule: 'lacks a tensor of this network', value: name });
      check(withoutOnes(tensor.shape) === withoutOnes(shape), {
        operation: `${path}: ${name}`,
        rule: `this network has shape [${shape.join(', ')}]`,
        value: `[${tensor.shape.join(', ')}]`,
        kind: 'usage',
      });
      return [name, floats(path, name, tensor)];
    }),
  );
}

/** Axes of one element come and go between versions: a 1×1 convolution [C, C, 1, 1] is a linear layer [C, C]. */
const withoutOnes = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join();

function floats(path: string, name: string, { dtype, data }: SafetensorsTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array && dtype === 'F16') return fromFloat16(data);
  if (data instanceof Uint16Array && dtype === 'BF16') return fromBfloat16(data);
  throw new LascauxError({
    operation: `${path}: ${name}`,
    rule: 'weights must be floating-point numbers',
    value: dtype,
    accepted: ['F32', 'F16', 'BF16'],
  });
}

/** Which weights of a checkpoint are meant: the running average where there is one, or the parameters as trained. */
export type WeightsKind = 'ema' | 'parameters';

/** The tensors of a checkpoint's parameters under their own names. */
async function parameterTensors(path: string, kind: WeightsKind): Promise<ReadonlyMap<string, SafetensorsTensor>> {
  const { tensors } = await readSafetensors(path);
  const names = [...tensors.keys()]
    .filter((name) => name.startsWith('param/'))
    .map((name) => name.slice('param/'.length));
  check(names.length > 0, {
    operation: path,
    rule: 'is no training checkpoint: it has no tensor "param/…"',
    kind: 'usage',
  });
  return new Map(
    names.map((name) => [
      name,
      ((kind === 'ema' ? tensors.get(`ema/${name}`) : undefined) ?? tensors.get(`param/${name}`)) as SafetensorsTensor,
    ]),
  );
}

/**
 * The weights of a checkpoint by parameter name. Parameters without an average (frozen ones) come as they are.
 * @throws {LascauxError} when the file is no checkpoint, or a tensor does not hold floating-point numbers
 */
export async function checkpointWeights(
  path: string,
  kind: WeightsKind = 'ema',
): Promise<ReadonlyMap<string, Float32Array>> {
  const tensors = await parameterTensors(path, kind);
  return new Map([...tensors].map(([name, tensor]) => [name, floats(path, name, tensor)] as const));
}

/**
 * Writes the weights of a checkpoint alone, under their own names, for inference.
 * @throws {LascauxError} when the file is no checkpoint, or the target cannot be written
 */
export async function exportWeights({
  checkpoint,
  path,
  kind = 'ema',
  metadata = {},
}: {
  checkpoint: string;
  path: string;
  kind?: WeightsKind;
  metadata?: Readonly<Record<string, string>>;
}): Promise<void> {
  await writeSafetensors(path, Object.fromEntries(await parameterTensors(checkpoint, kind)), {
    format: 'pt',
    ...metadata,
  });
}
