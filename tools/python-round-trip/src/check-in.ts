import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { convertModel, TextToImagePipeline } from '@lascaux/pipeline';
import { readCase, type Case } from './case-file.js';
import type { Finding } from './finding.js';
import { paintCase } from './paint-case.js';
import { psnr } from './psnr.js';
import { runPython } from './run-python.js';

/** Paints the cases of a folder with models of this repository's loader: graphs that optimum-onnx made, and converted weights. */
export async function* checkIn({
  folder,
  python,
}: {
  readonly folder: string;
  readonly python: string;
}): AsyncGenerator<Finding> {
  for await (const line of runPython(python, 'make_cases.py', [folder, '--onnx'])) console.error(line);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const cases = await Promise.all(files.map(async (file) => ({ file, given: await readCase(join(folder, file)) })));
  for (const { file, given } of cases)
    yield await paintedAlike({ library: 'optimum-onnx', file, given, model: join(folder, `${given.model}-onnx`) });
  for (const model of new Set(cases.map(({ given }) => given.model))) {
    const out = join(folder, `${model}-converted`);
    await rm(out, { recursive: true, force: true });
    await convertModel({ model: join(folder, model), out });
    for (const { file, given } of cases.filter((one) => one.given.model === model))
      yield await paintedAlike({ library: 'diffusers', file, given, model: out });
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
