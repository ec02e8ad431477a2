import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { convertModel } from '@lascaux/models/convert';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { readCase, type Case } from './case-file.js';
import type { Finding } from './finding.js';
import { paintCase } from './paint-case.js';
import { psnr } from './psnr.js';
import { runPython } from './run-python.js';

/**
 * Paints the cases that diffusers painted: with graphs that optimum-onnx made, and with weights that were converted, which Python then opens
 * again.
 */
export async function* checkIn({
  folder,
  python,
  families = [],
}: {
  readonly folder: string;
  readonly python: string;
  /** Default: all. */
  readonly families?: readonly string[];
}): AsyncGenerator<Finding> {
  for await (const line of runPython(python, 'make_cases.py', [folder, ...families, '--onnx'])) console.error(line);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const all = await Promise.all(files.map(async (file) => ({ file, given: await readCase(join(folder, file)) })));
  const cases = all.filter(({ given }) => families.length === 0 || families.includes(given.model));
  const exported = await readdir(folder);
  for (const { file, given } of cases.filter(({ given: { model } }) => exported.includes(`${model}-onnx`)))
    yield await paintedAlike({ library: 'optimum-onnx', file, given, model: join(folder, `${given.model}-onnx`) });
  const calls: string[][] = [];
  for (const model of new Set(cases.map(({ given }) => given.model))) {
    const out = join(folder, `${model}-converted`);
    await rm(out, { recursive: true, force: true });
    await convertModel({ model: join(folder, model), out });
    const own = cases.filter(({ given }) => given.model === model);
    for (const { file, given } of own) yield await paintedAlike({ library: 'converted', file, given, model: out });
    const plain = own.filter(({ given }) => isPlain(given)).map(({ file }) => join(folder, file));
    if (plain.length > 0) calls.push([out, ...plain]);
  }
  yield* openedAgain(python, calls);
}

/** A call that Python repeats with nothing but the folder: no picture, no other sampler, no other layer. */
const isPlain = ({ image, options }: Case): boolean =>
  image === undefined && options.sampler === undefined && options.clipSkip === undefined;

/** What Python paints with converted folders: each call is a folder and its cases. */
async function* openedAgain(python: string, calls: readonly (readonly string[])[]): AsyncGenerator<Finding> {
  const separated = calls.flatMap((call, i) => (i === 0 ? call : ['--', ...call]));
  if (separated.length === 0) return;
  for await (const line of runPython(python, 'open_model.py', separated)) {
    if (!line.startsWith('{')) continue;
    const { library, ...finding } = JSON.parse(line) as Finding;
    yield { ...finding, library: `→ ${library}` };
  }
}

async function paintedAlike({
  library,
  file,
  given,
  model,
}: {
  readonly library: string;
  readonly file: string;
  readonly given: Case;
  readonly model: string;
}): Promise<Finding> {
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  try {
    return {
      library,
      case: file.replace('.safetensors', ''),
      psnr: psnr(await paintCase(pipeline, given), given.pixels),
    };
  } finally {
    await pipeline.dispose();
  }
}
