import {
  covarianceSpectrum,
  distancesWithin,
  featureMatrixFromRows,
  nearestPictures,
  numberText,
  principalPlane,
  renderReport,
  type ReportPage,
} from '@lascaux/evaluator';
import { describe, expect, it } from 'vitest';

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
const picture = { source: PIXEL, width: 64, height: 64, alternative: 'a cat' };
const page = (over: Partial<ReportPage> = {}): ReportPage => ({
  title: 'FID',
  subtitle: 'a beside b',
  headline: [{ label: 'FID', value: 12.345678, spread: 0.5, unit: 'bits' }],
  sections: [],
  footer: ['made by hand'],
  ...over,
});
const charted = (chart: object) =>
  renderReport(
    page({
      sections: [
        {
          kind: 'chart',
          title: 'c',
          chart: { series: [{ name: 's', x: [1, 10], y: [2, 4] }], xLabel: 'x', yLabel: 'y', ...chart },
        },
      ],
    }),
  );

describe('renderReport', () => {
  it('is one file that asks for nothing and runs nothing', () => {
    const text = renderReport(
      page({
        sections: [{ kind: 'pictures', title: 'p', groups: [{ cards: [{ pictures: [picture], caption: 'c' }] }] }],
      }),
    );
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain('default-src &#39;none&#39;');
    expect(text).not.toMatch(/https?:|<script|url\(|@import|<link/);
    expect(text).toContain(`src="${PIXEL}"`);
    expect(text).toContain('prefers-color-scheme: dark');
  });

  it('escapes whatever comes from files and users', () => {
    const evil = `"><script>alert('x')</script>&`;
    const text = renderReport(
      page({
        title: evil,
        subtitle: evil,
        headline: [{ label: evil, value: 1, hint: evil, unit: evil }],
        footer: [evil],
        sections: [
          { kind: 'table', title: evil, lead: evil, columns: [evil], rows: [[evil]] },
          { kind: 'facts', title: 'f', facts: [[evil, evil]] },
          { kind: 'notes', title: 'n', notes: [evil] },
          {
            kind: 'chart',
            title: 'c',
            chart: { series: [{ name: evil, x: [1, 2], y: [1, 2] }], xLabel: evil, yLabel: evil },
          },
          {
            kind: 'pictures',
            title: 'p',
            groups: [
              { label: evil, dense: true, cards: [{ pictures: [{ ...picture, alternative: evil }], caption: evil }] },
            ],
          },
        ],
      }),
    );
    expect(text).not.toContain('<script>');
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;');
  });

  it('refuses pictures that would be fetched or break out', () => {
    const withSource = (source: string) =>
      page({
        sections: [
          { kind: 'pictures', title: 'p', groups: [{ cards: [{ pictures: [{ ...picture, source }], caption: '' }] }] },
        ],
      });
    expect(() => renderReport(withSource('https://example.org/x.png'))).toThrow('must be a data address');
    expect(() => renderReport(withSource('data:image/png;base64,AA" onload="x'))).toThrow('must be a data address');
  });

  it('draws lines where their values are', () => {
    // The axes end at 0 and 10, and at 2 and 4; the drawing spans 64 … 704 and 292 … 12.
    expect(charted({})).toContain('d="M128 292L704 12"');
    const logarithmic = charted({ xScale: 'log' });
    expect(logarithmic).toContain('d="M64 292L704 12"');
    // From 2 to 200: two decades, 64 … 704.
    const within = charted({ series: [{ name: 's', x: [2, 20, 150], y: [1, 2, 3] }], xScale: 'log' });
    expect(within).toContain('d="M64 292L384 152L664 12"');
    expect(charted({ series: [{ name: 's', x: [1, 2, 3], y: [1, NaN, 3] }] })).not.toContain('NaN');
    expect(() => charted({ series: [{ name: 's', x: [1], y: [0] }], yScale: 'log' })).toThrow('log axis needs values');
    expect(charted({ series: [{ name: 'flat', x: [5], y: [0] }] })).toContain('flat: 5, 0');
  });
});

describe('numberText', () => {
  it.each([
    [12.345678, '12.346'],
    [-0.5, '−0.5'],
    [0, '0'],
    [1234567, '1234600'],
    [0.00001234, '1.234 · 10⁻⁵'],
    [1e9, '10⁹'],
    [-Infinity, '−∞'],
    [NaN, 'n/a'],
  ])('%d is %s', (value, text) => expect(numberText(value)).toBe(text));
});

describe('nearestPictures', () => {
  const rows = (values: number[][]) => featureMatrixFromRows(values);

  it('pairs each picture with its nearest, the closest pair first', () => {
    const found = nearestPictures(
      rows([
        [10, 0],
        [0, 1],
        [3, 4],
      ]),
      rows([
        [0, 0],
        [10, 2],
      ]),
    );
    expect(found.map(({ index, nearest }) => [index, nearest])).toEqual([
      [1, 0],
      [0, 1],
      [2, 0],
    ]);
    [1, 2, 5].forEach((distance, i) => expect(found[i]!.distance).toBeCloseTo(distance, 9));
  });

  it('refuses sets of two widths', () => {
    expect(() => nearestPictures(rows([[1, 2]]), rows([[1]]))).toThrow('got 1×2 and 1×1');
  });
});

describe('distancesWithin', () => {
  it('leaves a row itself out', () => {
    const found = distancesWithin(
      featureMatrixFromRows([
        [0, 0],
        [3, 4],
        [3, 5],
      ]),
    );
    [5, 1, 1].forEach((distance, i) => expect(found[i]).toBeCloseTo(distance, 9));
  });
});

describe('covarianceSpectrum', () => {
  it('is the same from more and from fewer rows than columns', () => {
    // Deviations ±1 along two axes of length 3 and 1: sums of squares 2·9 and 2·1 over N − 1 = 3.
    const tall = covarianceSpectrum(
      featureMatrixFromRows([
        [3, 0],
        [-3, 0],
        [0, 1],
        [0, -1],
      ]),
    );
    const wide = covarianceSpectrum(
      featureMatrixFromRows([
        [3, 0, 0, 0, 0],
        [-3, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, -1, 0, 0, 0],
      ]),
    );
    expect(wide).toHaveLength(3);
    [6, 2 / 3].forEach((value, i) => {
      expect(tall[i]).toBeCloseTo(value, 12);
      expect(wide[i]).toBeCloseTo(value, 12);
    });
    expect(() => covarianceSpectrum(featureMatrixFromRows([[1, 2]]))).toThrow('at least 2 rows');
  });
});

describe('principalPlane', () => {
  it('lays out two sets along the directions of their union', () => {
    const { first, second, shares } = principalPlane(
      featureMatrixFromRows([
        [10, 1, 0],
        [10, -1, 0],
      ]),
      featureMatrixFromRows([
        [-10, 1, 0],
        [-10, -1, 0],
      ]),
    );
    expect(Math.abs(first.x[0]! - second.x[0]!)).toBeCloseTo(20, 9);
    expect(Math.abs(first.y[0]! - first.y[1]!)).toBeCloseTo(2, 9);
    expect(shares[0]).toBeCloseTo(400 / 404, 9);
    expect(shares[1]).toBeCloseTo(4 / 404, 9);
  });
});
