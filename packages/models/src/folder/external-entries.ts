import { fieldsOf, type Field, type FieldReader } from './onnx-fields.js';

// Field numbers of onnx.proto.
const GRAPH = 7;
const INITIALIZER = 5;
const EXTERNAL_DATA = 13;
const KEY = 1;
const VALUE = 2;
/** Names and numbers of an entry; nothing longer is one. */
const LONGEST_TEXT = 4096;

/** The files that initializers of a graph of `size` bytes point into, each with the byte at which the last of them ends. */
export async function externalFilesOf(read: FieldReader, size: number): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for await (const graph of fieldsOf(read, { begin: 0, end: size })) {
    if (graph.number !== GRAPH) continue;
    for await (const tensor of fieldsOf(read, graph)) {
      if (tensor.number !== INITIALIZER) continue;
      const { location, offset = '0', length = '0' } = await externalEntries(read, tensor);
      if (location === undefined) continue;
      ends.set(location, Math.max(ends.get(location) ?? 0, Number(offset) + Number(length)));
    }
  }
  return ends;
}

/** The names of the files in which a graph keeps its weights. */
export async function externalNames(graph: Uint8Array): Promise<readonly string[]> {
  const read: FieldReader = (at, length) => Promise.resolve(graph.subarray(at, at + length));
  return [...(await externalFilesOf(read, graph.length)).keys()];
}

async function externalEntries(read: FieldReader, tensor: Field): Promise<Partial<Record<string, string>>> {
  const entries: Partial<Record<string, string>> = {};
  for await (const field of fieldsOf(read, tensor)) {
    if (field.number !== EXTERNAL_DATA || field.end - field.begin > LONGEST_TEXT) continue;
    const texts = new Map<number, string>();
    for await (const { number, begin, end } of fieldsOf(read, field)) {
      texts.set(number, new TextDecoder().decode(await read(begin, end - begin)));
    }
    entries[texts.get(KEY) ?? ''] = texts.get(VALUE);
  }
  return entries;
}
