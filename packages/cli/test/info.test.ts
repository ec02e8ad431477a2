import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sd3Model, sdxlModel, temporaryFolder } from '@lascaux/model-fixtures';
import { encodeImage, insertPngText } from '@lascaux/pipeline/image';
import { expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

it('what a model predicts is told by its scheduler', async () => {
  const prediction = async (folder: string) => {
    const { results } = await runCaptured(['info', folder, '--json']);
    return (JSON.parse(results.join('')) as { prediction: string }).prediction;
  };
  expect(await prediction(await sd3Model())).toBe('flow_prediction');
  expect(await prediction(await sdxlModel())).toBe('epsilon');
});

it('the texts of a picture that nobody understands are listed', async () => {
  const path = join(await temporaryFolder(), 'a.png');
  const plain = await encodeImage({ pixels: new Uint8Array(12), width: 2, height: 2 }, 'png');
  const two = '{"3":{"class_type":"KSampler","inputs":{}},"33":{"class_type":"KSampler","inputs":{}}}';
  await writeFile(path, insertPngText(insertPngText(plain, 'prompt', two), 'Title', 'x'));
  const { results } = await runCaptured(['info', path, '--json']);
  expect(JSON.parse(results.join(''))).toEqual({
    path,
    format: 'png',
    width: 2,
    height: 2,
    texts: { prompt: two, Title: 'x' },
  });
});
