import { featureMatrix } from '@lascaux/evaluator';
import { describe, expect, it } from 'vitest';
import { reportOf } from '../src/score.js';
import { reportText } from '../src/report-text.js';

const nouns = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox', 'gnu'];
const scores = (...order: number[]): number[] => nouns.map((_, i) => 10 - order.indexOf(i));
const extras = [{ style: 'noto' }, { style: 'noto' }, { style: 'fluent' }, {}];

describe('a report', () => {
  const report = reportOf({
    set: { extra: (i) => extras[i]! },
    labels: Int32Array.of(0, 0, 1, 6),
    logits: featureMatrix(
      Float32Array.from([
        ...scores(0, 1, 2, 3, 4, 5, 6), // right
        ...scores(1, 0, 2, 3, 4, 5, 6), // an ant taken for a bee
        ...scores(1, 2, 3, 4, 5, 6, 0), // right
        ...scores(0, 1, 2, 3, 4, 5, 6), // a gnu that comes last
      ]),
      7,
    ),
    nouns,
  });

  it('counts top-1, top-5, nouns and groups', () => {
    expect(report).toMatchObject({ images: 4, right: 2, top1: 0.5, top5: 0.75, standardError: 0.25 });
    expect(report.nouns).toEqual([
      { noun: 'gnu', images: 1, right: 0, top1: 0, takenFor: [{ noun: 'ant', images: 1 }] },
      { noun: 'ant', images: 2, right: 1, top1: 0.5, takenFor: [{ noun: 'bee', images: 1 }] },
      { noun: 'bee', images: 1, right: 1, top1: 1, takenFor: [] },
    ]);
    expect(report.groups).toEqual({
      style: { fluent: { images: 1, right: 1, top1: 1 }, noto: { images: 2, right: 1, top1: 0.5 } },
    });
  });

  it('reads as text, worst nouns first', () => {
    expect(reportText(report).split('\n')).toEqual([
      '4 pictures of 3 nouns',
      'top-1 50.0 % ± 25.0, top-5 75.0 %',
      'by style: fluent 100.0 % (1), noto 50.0 % (2)',
      '1 nouns always recognised; the others, worst first:',
      '  gnu 0/1, taken for ant',
      '  ant 1/2, taken for bee',
    ]);
  });
});
