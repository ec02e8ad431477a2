import { open, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import { fieldsOf, windowOf, type Field } from './onnx-fields.js';

// Field numbers of onnx.proto.
const GRAPH = 7;
const INITIALIZER = 5;
const EXTERNAL_DATA = 13;
const KEY = 1;
const VALUE = 2;
/** Names and numbers of an entry; nothing longer is one. */
const LONGEST_TEXT = 4096;

type Reader = ReturnType<typeof windowOf>;

/**
 * Checks the files that a graph keeps its weights in: they lie in its own folder, and are long enough for what the graph
 * reads from them.
 * @throws LascauxError naming the graph and the file; a file that is no graph passes, the runtime says more about it.
 */
export async function checkExternalData(graph: string): Promise<void> {
  for (const [location, end] of await externalFiles(graph)) {
    const parts = location.split(/[/\\]/);
    check(!isAbsolute(location) && !/^[a-z]:/i.test(location) && !parts.includes('..') && !location.includes('\0'), {
      operation: graph,
      rule: 'external data must lie in the folder of the graph',
      value: location,
    });
    const path = join(dirname(graph), location);
    const size = await fileSize(path, graph);
    check(size >= end, {
      operation: path,
      rule: `is truncated: ${graph} reads ${end} bytes of it`,
      value: `${size} bytes`,
    });
  }
}

async function fileSize(path: string, graph: string): Promise<number> {
  try {
    const facts = await stat(path);
    check(facts.isFile(), { operation: graph, rule: 'external data must be a file', value: path });
    return facts.size;
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'is missing' : code === 'ELOOP' ? 'is a link to itself' : `cannot be read: ${message}`;
    throw new LascauxError({ operation: graph, rule: `its external data ${why}`, value: path, cause });
  }
}

/** The files that initializers point into, each with the byte at which the last of them ends. */
export async function externalFiles(path: string): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  // Whatever is no file may keep its reader waiting forever.
  check((await stat(path)).isFile(), { operation: path, rule: 'must be a file' });
  const file = await open(path, 'r');
  try {
    const read = windowOf(file);
    for await (const graph of fieldsOf(read, { begin: 0, end: (await file.stat()).size })) {
      if (graph.number !== GRAPH) continue;
      for await (const tensor of fieldsOf(read, graph)) {
        if (tensor.number !== INITIALIZER) continue;
        const { location, offset = '0', length = '0' } = await externalEntries(read, tensor);
        if (location === undefined) continue;
        ends.set(location, Math.max(ends.get(location) ?? 0, Number(offset) + Number(length)));
      }
    }
  } finally {
    await file.close();
  }
  return ends;
}

async function externalEntries(read: Reader, tensor: Field): Promise<Partial<Record<string, string>>> {
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
