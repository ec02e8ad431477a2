import { mkdir } from 'node:fs/promises';
import { writeOwnCases } from './own-cases.js';
import { runPython } from './run-python.js';
import type { Finding } from './finding.js';

/** Paints with a model here, and again in Python: diffusers on the safetensors, optimum-onnx on the graphs. */
export async function* checkOut({
  model,
  folder,
  python,
}: {
  readonly model: string;
  readonly folder: string;
  readonly python: string;
}): AsyncGenerator<Finding> {
  await mkdir(folder, { recursive: true });
  const cases = await writeOwnCases(model, folder);
  for await (const line of runPython(python, 'open_model.py', [model, ...cases]))
    if (line.startsWith('{')) yield JSON.parse(line) as Finding;
}
