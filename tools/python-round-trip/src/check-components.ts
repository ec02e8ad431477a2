import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertModel } from '@lascaux/models/convert';
import { check, readSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import { openSession } from '@lascaux/nn/onnx';
import { readFloats } from '@lascaux/vae';
import { Tensor } from 'onnxruntime-common';
import type { Finding } from './finding.js';
import { runPython } from './run-python.js';

type Tensors = ReadonlyMap<string, SafetensorsTensor>;

/** Tensors of `inputs/` or `outputs/` by the names of one graph. */
const under = (tensors: Tensors, prefix: string): [string, SafetensorsTensor][] =>
  [...tensors].flatMap(([name, tensor]) =>
    name.startsWith(prefix) && !name.slice(prefix.length).includes('/') ? [[name.slice(prefix.length), tensor]] : [],
  );

const toTensor = ({ data, shape }: SafetensorsTensor): Tensor =>
  data instanceof BigInt64Array ? new Tensor('int64', data, shape) : new Tensor('float32', data as Float32Array, shape);

/** The largest difference of one graph's outputs from Python's, over the largest value of each or 1. */
async function graphError(graph: string, tensors: Tensors, part: string): Promise<number> {
  const session = await openSession(join(graph, 'model.onnx'), { threads: 1 });
  try {
    const feeds = under(tensors, `inputs/${part}`).map(([name, tensor]) => [name, toTensor(tensor)] as const);
    const results = await session.run(Object.fromEntries(feeds));
    const expected = under(tensors, `outputs/${part}`);
    check(expected.length === session.outputNames.length, {
      operation: graph,
      rule: 'every output must be compared',
      value: session.outputNames.join(', '),
    });
    const errors = expected.map(([name, { data }]) => {
      const [got, wanted] = [readFloats(results[name] as Tensor), data as Float32Array];
      check(got.length === wanted.length, {
        operation: `${graph}: ${name}`,
        rule: `must have ${wanted.length} values`,
        value: got.length,
      });
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      return wanted.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i]!)), 0) / largest;
    });
    return Math.max(...errors);
  } finally {
    await session.release();
  }
}

/**
 * Converts a network that Python saved alone (FOLDER/NAME/) and runs its graphs on Python's inputs (FOLDER/NAME.safetensors).
 * @param dtype of the converted weights; default: as they were saved
 * @returns the largest difference over the largest value of an output, or over 1
 * @throws LascauxError when it cannot be converted or run
 */
export async function componentError(
  folder: string,
  { name, dtype }: { readonly name: string; readonly dtype?: 'F32' | 'F16' },
): Promise<number> {
  const { tensors } = await readSafetensors(join(folder, `${name}.safetensors`));
  const temporary = await mkdtemp(join(tmpdir(), 'lascaux-component-'));
  try {
    const { out, components } = await convertModel({ model: join(folder, name), out: join(temporary, 'out'), dtype });
    const [converted] = Object.entries(components);
    const [own, { folders }] = converted!;
    const errors: number[] = [];
    for (const graph of folders) {
      const half = graph.slice(own.length + 1);
      errors.push(await graphError(half === '' ? out : join(out, graph), tensors, half === '' ? '' : `${half}/`));
    }
    return Math.max(...errors);
  } finally {
    await rm(temporary, { recursive: true });
  }
}

/** Lets Python save networks alone, and compares each, converted in both precisions, with what it gave there. */
export async function* checkComponents({
  folder,
  python,
}: {
  readonly folder: string;
  readonly python: string;
}): AsyncGenerator<Finding> {
  for await (const line of runPython(python, 'make_components.py', [folder])) console.error(line);
  for (const file of (await readdir(folder)).filter((entry) => entry.endsWith('.safetensors'))) {
    const name = file.replace('.safetensors', '');
    for (const dtype of ['F32', 'F16'] as const) {
      const found = await componentError(folder, { name, dtype }).then(
        (difference) => ({ difference }),
        (error: unknown) => ({ skipped: error instanceof Error ? error.message : String(error) }),
      );
      yield { library: 'converted', case: `${name} ${dtype}`, ...found };
    }
  }
}
