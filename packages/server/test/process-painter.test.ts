import { tinyModel } from '@lascaux/model-fixtures';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { hasPreview } from '@lascaux/pipeline/options';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Painter } from '../src/painting/painter.js';
import { openProcessPainter } from '../src/painting/process-painter.js';

let folder: string;
let painter: Painter;
beforeAll(async () => {
  folder = await tinyModel();
  painter = await openProcessPainter(folder);
}, 60_000);
afterAll(() => painter.dispose());

describe('a painting process', () => {
  it('paints what the library paints, with its settings', async () => {
    const pipeline = await TextToImagePipeline.fromPretrained(folder);
    const { images } = await pipeline.generate({ prompt: 'a cat', seed: 5 });
    await pipeline.dispose();
    const { image, seed, parameters, options } = await painter.paint({ prompt: 'a cat', seed: 5 });
    expect({ ...image, seed }).toEqual(images[0]);
    expect(parameters).toMatch(/^a cat\nSteps: 3, Sampler: ddim/);
    expect(options.steps).toBe(3);
  });

  it('shows as many estimates as asked on the way', async () => {
    const seen: [number, boolean][] = [];
    await painter.paint(
      { prompt: 'a cat', steps: 6 },
      { previews: 2, onStep: ({ step, preview }) => seen.push([step, preview?.pixels.length === 8 * 8 * 3]) },
    );
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((step) => [step, step === 2 || step === 4]));
  });

  it('stops before the next step and goes on with others', async () => {
    const controller = new AbortController();
    let steps = 0;
    const stopped = painter.paint(
      { prompt: 'a cat', steps: 500 },
      {
        signal: controller.signal,
        onStep: ({ step }) => {
          steps = step;
          if (step === 3) controller.abort(new Error('enough'));
        },
      },
    );
    const next = painter.paint({ prompt: 'a dog', seed: 1 });
    await expect(stopped).rejects.toThrow('enough');
    expect(steps).toBeLessThan(500);
    expect((await next).seed).toBe(1);
  });

  it('hands over what was wrong as it was', async () => {
    const wrong = painter.paint({ prompt: 'a cat', width: 9 });
    await expect(wrong).rejects.toMatchObject({
      name: 'LascauxError',
      kind: 'usage',
      rule: expect.stringMatching(/multiple of 2/) as string,
    });
  });

  it('says which model cannot be opened', async () => {
    await expect(openProcessPainter('nowhere')).rejects.toThrow(/nowhere/);
  });
});

it('previews lie evenly within a run', () => {
  const at = (steps: number, previews: number) =>
    Array.from({ length: steps }, (_, i) => i + 1).filter((step) => hasPreview({ step, steps }, previews));
  expect(at(20, 3)).toEqual([5, 10, 15]);
  expect(at(20, 0)).toEqual([]);
  expect(at(3, 9)).toEqual([1, 2]);
  expect(at(1, 2)).toEqual([]);
});

it('a process that is killed fails its image and says so to its holder', async () => {
  const doomed = await openProcessPainter(folder);
  const image = doomed.paint(
    { prompt: 'a cat', steps: 900 },
    { onStep: () => process.kill(doomed.processId!, 'SIGKILL') },
  );
  await expect(image).rejects.toThrow('the painting process has ended, got "SIGKILL"');
  await doomed.broken;
  await expect(doomed.paint({ prompt: 'a cat' })).rejects.toThrow('has ended');
  await doomed.dispose();
});
