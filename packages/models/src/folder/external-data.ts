import { open, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import { externalFilesOf } from './external-entries.js';
import { windowOf } from './onnx-fields.js';

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
  // Whatever is no file may keep its reader waiting forever.
  check((await stat(path)).isFile(), { operation: path, rule: 'must be a file' });
  const file = await open(path, 'r');
  try {
    return await externalFilesOf(windowOf(file), (await file.stat()).size);
  } finally {
    await file.close();
  }
}
