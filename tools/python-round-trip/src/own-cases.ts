import { basename, join } from 'node:path';
import { randomStream } from '@lascaux/nn';
import { TextToImagePipeline, type GenerateOptions } from '@lascaux/pipeline';
import { writeCase } from './case-file.js';

/** What is painted with a model of this repository, for Python to paint again. */
const calls: Readonly<Record<string, Omit<GenerateOptions, 'prompt'> & { readonly prompt: string }>> = {
  cat: { prompt: 'a cat', seed: 7 },
  scene: { prompt: 'two red apples on a blue background', seed: 8, steps: 10, guidanceScale: 5 },
  'negative-wide': { prompt: 'a dog', negativePrompt: 'a red background', seed: 9, width: 96, height: 64 },
};

/** Paints with a model and writes each call as a case into a folder; gives the files. */
export async function writeOwnCases(model: string, folder: string): Promise<string[]> {
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  const paths: string[] = [];
  try {
    for (const [name, call] of Object.entries(calls)) {
      const noise: Float32Array[] = [];
      const recorded = (seed: number) => {
        const stream = randomStream(seed);
        return (size: number) => {
          const draw = stream.normal(size);
          noise.push(draw);
          return draw;
        };
      };
      const { images, options } = await pipeline.generate({ ...call, noise: recorded });
      const { pixels, width, height } = images[0]!;
      const path = join(folder, `${name}.safetensors`);
      await writeCase(path, { model: basename(model), options, noise, pixels: { values: pixels, width, height } });
      paths.push(path);
    }
  } finally {
    await pipeline.dispose();
  }
  return paths;
}
