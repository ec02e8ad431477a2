import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flopsOf, muon } from '@lascaux/training';
import { sizeOf } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import {
  classifierStep,
  defaultClassifierConfig,
  reportText,
  scorePictures,
  trainClassifier,
  type ClassifierConfig,
} from '@lascaux/classifier';
import { describe, expect, it } from 'vitest';
import { alternating, SIZE, temporaryFolder, writeStripes } from './pictures.js';

const tiny: ClassifierConfig = {
  ...{ _class_name: 'NounClassifier', sample_size: SIZE, block_out_channels: [8, 8], norm_num_groups: 2 },
  nouns: ['fence', 'ladder'],
};

async function trained(folder: string, images: number): Promise<string> {
  const data = await writeStripes(join(folder, 'renders'), alternating(24));
  const engine = onnxEngine({ device: 'cpu', threads: 1 });
  const out = join(folder, 'run');
  await trainClassifier({ engine, data, out, images, batchSize: 8, rate: 1e-2, config: tiny });
  return out;
}

describe('a trained classifier', () => {
  it('tells two nouns apart after a few steps, and the figures are counted right', async () => {
    const folder = await temporaryFolder();
    const classifier = await trained(folder, 480);
    const rows = [...alternating(8), { noun: 'ladder', style: 'noto', ground: 'black', text: '' }];
    const images = await writeStripes(join(folder, 'judged'), rows);
    const report = await scorePictures({ classifier, images, threads: 1 });
    expect(report).toMatchObject({ images: 9, right: 9, top1: 1, top5: 1 });
    expect(report.groups.style).toEqual({
      fluent: { images: 4, right: 4, top1: 1 },
      noto: { images: 5, right: 5, top1: 1 },
    });
    expect(reportText(report)).toContain('top-1 100.0 % ± 0.0, top-5 100.0 %');
    const config: unknown = JSON.parse(await readFile(join(classifier, 'model', 'config.json'), 'utf8'));
    expect(config).toEqual(tiny);
  });

  it.each([
    [
      'without a noun',
      [{ text: 'a fence' }],
      'labels: each picture must have a text column "noun", got undefined for 0.png',
    ],
    ['with a noun it does not know', [{ noun: 'gate' }], '(2 of them), got "gate" for 0.png'],
  ])('refuses a picture %s', async (_, rows, message) => {
    const folder = await temporaryFolder();
    const classifier = await trained(folder, 8);
    const images = await writeStripes(join(folder, 'judged'), rows);
    await expect(scorePictures({ classifier, images })).rejects.toThrow(message);
  });

  it('must be where it is said to be', async () => {
    const folder = await temporaryFolder();
    const images = await writeStripes(join(folder, 'judged'), alternating(2));
    await expect(scorePictures({ classifier: join(folder, 'none'), images })).rejects.toThrow(
      /^--classifier: must be a folder with model.onnx.*none"$/,
    );
  });

  it('needs two nouns to learn', async () => {
    const folder = await temporaryFolder();
    const data = await writeStripes(folder, [{ noun: 'fence' }, { noun: 'fence' }]);
    const training = trainClassifier({ engine: onnxEngine({ threads: 1 }), data, out: join(folder, 'run') });
    await expect(training).rejects.toThrow('labels: pictures must show at least two nouns, got fence');
  });
});

describe('the default network', () => {
  it('has the size that its README says', () => {
    const nouns = Array.from({ length: 120 }, (_, i) => `noun ${i}`);
    const step = classifierStep({ config: defaultClassifierConfig(nouns), batchSize: 2, optimizer: muon() });
    expect(step.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(352_224);
    // Forward and backward are three times the forward pass; Muon comes on top, once a batch.
    expect(flopsOf(step.program) / 2).toBeGreaterThan(60e6);
  });
});
