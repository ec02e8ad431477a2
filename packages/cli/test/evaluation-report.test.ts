import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { featureMatrixFromRows, renderReport, type RgbPicture } from '@lascaux/evaluator';
import { writePng } from '@lascaux/data';
import { describe, expect, it } from 'vitest';
import type { EvaluatedSet, EvaluationResult } from '../src/evaluate/evaluation-result.js';
import { evaluationReport } from '../src/evaluate/report/evaluation-report.js';
import { runCaptured } from './support/captured-terminal.js';
import { networkModel, temporaryFolder } from '@lascaux/model-fixtures';

const picture = (shade: number): RgbPicture => ({
  pixels: new Uint8Array(4 * 4 * 3).fill(shade),
  width: 4,
  height: 4,
});

const setOf = (path: string, rows: number[][]): EvaluatedSet => ({
  path,
  kind: 'folder',
  count: rows.length,
  skipped: path === 'generated' ? [{ name: 'bad.png', reason: 'it is <cut> short' }] : [],
  features: featureMatrixFromRows(rows),
  names: rows.map((_, i) => `${path}-${i}.png`),
  picture: (index) => Promise.resolve(picture(10 * index)),
});

const result = (over: Partial<EvaluationResult> = {}): EvaluationResult => ({
  metric: 'fid',
  values: [
    { name: 'fid', label: 'FID', value: 3.25, deviation: 0.1, better: 'lower' },
    { name: 'n', label: 'pictures', value: 3, better: 'neither' },
  ],
  sets: [
    setOf('generated', [
      [0, 0],
      [5, 0],
      [9, 9],
    ]),
    setOf('real', [
      [0, 1],
      [5, 2],
      [1, 1],
      [30, 40],
    ]),
  ],
  extractor: { name: 'tiny', dimensions: 2, convention: 'none', weights: 'made up', incomparable: 'it is tiny' },
  options: { seed: 7 },
  curves: [{ name: 'a curve', x: [1, 2], y: [3, 4] }],
  notes: ['a note'],
  ...over,
});

describe('evaluationReport', () => {
  it('pairs pictures with their nearest, each partner once, and names what was measured', async () => {
    const page = await evaluationReport(result());
    const near = page.sections.find(({ title }) => title === 'Nearest to the real set');
    if (near?.kind !== 'pictures') throw new Error('a gallery is expected');
    // Distances 1, 2 and √(8² + 8²) to real-2, whose nearer rivals are none of the first two's partners.
    expect(near.groups[0]!.cards.map(({ caption, figure }) => [caption, figure])).toEqual([
      ['generated-0.png · real-0.png', '1.00'],
      ['generated-1.png · real-1.png', '2.00'],
    ]);
    const missed = page.sections.find(({ title }) => title === 'What the generator misses');
    if (missed?.kind !== 'pictures') throw new Error('a gallery is expected');
    expect(missed.groups[0]!.cards[0]!.caption).toBe('real-3.png · generated-2.png');
    const text = renderReport(page);
    expect(text).toContain('Not comparable with published figures: it is tiny');
    expect(text).toContain('it is &lt;cut&gt; short');
    expect(text).toContain('data:image/webp;base64,');
    expect(text).toContain('Spectrum of the covariance');
  });

  it('does without features and pictures where there are none', async () => {
    const sets = [{ path: 'a.npz', kind: 'statistics' as const, skipped: [] }];
    const page = await evaluationReport(result({ sets, curves: [] }));
    expect(page.sections.map(({ title }) => title)).toEqual([
      'Before you quote it',
      'All numbers',
      'How it was measured',
    ]);
  });
});

describe('evaluate nll', () => {
  it('prints every bound of a model and writes a page', async () => {
    const [model, data] = [await networkModel(), await temporaryFolder()];
    for (const [i, shade] of [40, 200].entries()) {
      await writePng(join(data, `${i}.png`), new Uint8Array(16 * 16 * 3).fill(shade), { width: 16, height: 16 });
      await writeFile(join(data, `${i}.txt`), 'a red cat');
    }
    const report = join(data, 'page.html');
    const run = ['evaluate', 'nll', '--model', model, '--data', data, '--size', '16', '--timesteps', '2', '--k', '2'];
    const { exitCode, results, notes } = await runCaptured([...run, '--json', '--report', report]);
    expect(notes).toEqual([]);
    expect(exitCode).toBe(0);
    const json = JSON.parse(results[0]!) as Record<string, Record<string, unknown>>;
    expect(json).toMatchObject({ metric: 'nll', pictures: 2, latent: { conditioned: true, timesteps: 1000 } });
    expect(json.autoencoder).toMatchObject({ dimensions: 768, samples: 2 });
    expect(json.perPicture).toBeUndefined();
    expect(await readFile(report, 'utf8')).toContain('Rate and distortion');
    // What one part draws does not depend on the others.
    const { autoencoder } = JSON.parse(
      (await runCaptured([...run, '--only', 'autoencoder', '--json'])).results[0]!,
    ) as typeof json;
    expect(autoencoder).toEqual(json.autoencoder);
  }, 120_000);

  it.each([
    [[], "required option '--data <dir>' not specified"],
    [['--data', 'no-such-folder'], 'no-such-folder'],
    [['--data', '.', '--timesteps', 'few'], '--timesteps: must be a whole number'],
    [['--data', '.', '--only', 'fid'], 'autoencoder, latent, joint'],
    [['--data', '.', '--report', 'page.txt'], '--report: must end in .html'],
  ])('refuses %j', async (flags, message) => {
    const { exitCode, notes } = await runCaptured(['evaluate', 'nll', ...flags]);
    expect(notes.join()).toContain(message);
    expect(exitCode).toBe(2);
  });
});
