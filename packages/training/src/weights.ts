import { check, readSafetensors, sizeOf, writeSafetensors } from '@lascaux/nn';
import type { ParameterSpec, SafetensorsTensor } from '@lascaux/nn';

/**
 * Parameters by name from a safetensors file, for `initial`.
 * @param specs what the network asks for
 * @throws {LascauxError} naming the tensor that is missing, not F32, or of another shape
 */
export async function loadParameters(
  path: string,
  specs: readonly ParameterSpec[],
): Promise<Map<string, Float32Array>> {
  const { tensors } = await readSafetensors(path);
  return new Map(specs.map(({ name, shape }) => [name, matching(path, { name, shape }, tensors.get(name))]));
}

function matching(
  path: string,
  { name, shape }: Pick<ParameterSpec, 'name' | 'shape'>,
  tensor: SafetensorsTensor | undefined,
): Float32Array {
  check(tensor !== undefined, { operation: path, rule: 'lacks a tensor', value: name });
  check(tensor.shape.join() === shape.join(), {
    operation: `${path}: ${name}`,
    rule: `must have shape [${shape.join(', ')}]`,
    value: `[${tensor.shape.join(', ')}]`,
  });
  const { data } = tensor;
  check(data instanceof Float32Array && data.length === sizeOf(shape), {
    operation: `${path}: ${name}`,
    rule: 'must be F32',
    value: tensor.dtype,
  });
  return data;
}

/** Which weights of a checkpoint are meant: the running average where there is one, or the parameters as trained. */
export type WeightsKind = 'ema' | 'parameters';

/**
 * The weights of a checkpoint by parameter name. Parameters without an average (frozen ones) come as they are.
 * @throws {LascauxError} when the file is no checkpoint
 */
export async function checkpointWeights(
  path: string,
  kind: WeightsKind = 'ema',
): Promise<Map<string, SafetensorsTensor>> {
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
  await writeSafetensors(path, Object.fromEntries(await checkpointWeights(checkpoint, kind)), {
    format: 'pt',
    ...metadata,
  });
}
