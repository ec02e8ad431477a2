import { featureMatrixFromRows, renderReport, type RgbPicture } from '@lascaux/evaluator';
import { describe, expect, it } from 'vitest';
import { evaluationReport, type EvaluatedSet, type EvaluationResult } from '@lascaux/evaluator/evaluate';

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
