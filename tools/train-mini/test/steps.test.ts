import { trainingSteps } from '@lascaux/train-mini';
import { describe, expect, it } from 'vitest';

const options = {
  data: 'data',
  runs: 'runs',
  ...{ scenes: 100, imagesVae: 1, imagesTextEncoder: 2, imagesDenoiser: 3, imagesDecoder: 4 },
};

describe('trainingSteps', () => {
  it('makes scenes first and polishes the decoder last', () => {
    expect(trainingSteps(options).map(({ name }) => name)).toEqual([
      ...['scenes', 'vae', 'text-encoder', 'denoiser', 'decoder'],
    ]);
  });

  it('resumes every training, and hands the finished stages to the denoiser', () => {
    const trainings = trainingSteps({ ...options, threads: 2 }).filter(({ program }) => program === 'lascaux');
    for (const { argv } of trainings) expect(argv.join(' ')).toContain('--data data/train --resume --threads 2');
    expect(trainings[2]!.argv.join(' ')).toContain('--vae runs/vae --text-encoder runs/text-encoder --images 3');
    expect(trainings[3]!.argv.join(' ')).toContain('--initial runs/vae --freeze-encoder');
  });
});
