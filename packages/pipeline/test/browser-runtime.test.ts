import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyModel } from '@lascaux/model-fixtures';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { openPainter } from '@lascaux/pipeline/core';
import * as web from 'onnxruntime-web';
import { expect, it } from 'vitest';

it("a model paints in the browsers' runtime (WebAssembly) what it paints in Node.js", async () => {
  const folder = await tinyModel();
  web.env.wasm.numThreads = 1;
  const read = (path: string): Promise<Uint8Array | undefined> => readFile(join(folder, path)).catch(() => undefined);
  const painter = await openPainter({ source: { name: 'tiny', read }, runtime: web });
  const pipeline = await TextToImagePipeline.fromPretrained(folder);
  const call = { prompt: 'a cat', seed: 3, guidanceScale: 2, steps: 3 };
  const [[there], [here]] = [(await painter.generate(call)).images, (await pipeline.generate(call)).images];
  const differences = there!.pixels.map((value, i) => Math.abs(value - here!.pixels[i]!));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  await painter.dispose();
  await pipeline.dispose();
}, 120_000);
