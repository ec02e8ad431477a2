import { writeFileAtomically } from '../atomic-file.js';
import { check } from '../errors.js';
import { safetensorsTypes } from './format.js';
import type { SafetensorsType } from './format.js';
import type { SafetensorsData, SafetensorsTensor } from './tensor.js';

/** A tensor to be written; its elements may be made when their turn comes, so that memory never holds all. */
export interface SafetensorsSource extends Omit<SafetensorsTensor, 'data'> {
  readonly data: SafetensorsData | (() => Promise<SafetensorsData>);
}

const lengthOf = ({ dtype, shape }: { dtype: SafetensorsType; shape: readonly number[] }): number =>
  shape.reduce((product, dim) => product * dim, safetensorsTypes[dtype]);

/** The header's JSON text, padded with spaces so that the data begins at a multiple of 8 bytes. */
function headerText(
  tensors: readonly (readonly [string, SafetensorsSource])[],
  metadata: Readonly<Record<string, string>>,
): string {
  let position = 0;
  const entries = tensors.map(([name, { dtype, shape }]) => {
    const begin = position;
    position += lengthOf({ dtype, shape });
    return [name, { dtype, shape, data_offsets: [begin, position] }] as const;
  });
  const named = Object.keys(metadata).length === 0 ? entries : [['__metadata__', metadata] as const, ...entries];
  const text = JSON.stringify(Object.fromEntries(named));
  const bytes = new TextEncoder().encode(text).length;
  return text + ' '.repeat((8 - (bytes % 8)) % 8);
}

/**
 * Writes a safetensors file, whole or not at all. Tensors are laid out by falling element size, then by name, as the reference does.
 * @throws {LascauxError} when an array does not have the length of its shape, or the file cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, SafetensorsSource>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = Object.entries(tensors).sort(
    ([a, x], [b, y]) => safetensorsTypes[y.dtype] - safetensorsTypes[x.dtype] || (a < b ? -1 : 1),
  );
  const header = new TextEncoder().encode(headerText(ordered, metadata));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(header.length), true);
  await writeFileAtomically(path, async (file) => {
    await file.writeFile(size);
    await file.writeFile(header);
    for (const [name, { dtype, shape, data: source }] of ordered) {
      const data = typeof source === 'function' ? await source() : source;
      const length = lengthOf({ dtype, shape });
      check(data.byteLength === length, {
        operation: path,
        rule: `tensor ${name} [${shape.join(', ')}] ${dtype} needs ${length} bytes`,
        value: data.byteLength,
      });
      await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  });
}
