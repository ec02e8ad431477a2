import {
  covarianceSpectrum,
  distancesWithin,
  nearestPictures,
  principalPlane,
  type ChartSeries,
  type FeatureMatrix,
  type ReportSection,
} from '../../index.js';
import type { EvaluatedSet, EvaluationCurve } from '../evaluation-result.js';
import { thinned } from './thinned.js';

/** Rows that each kind of curve is computed from; beyond that they are thinned evenly. */
const [MAP_ROWS, SPECTRUM_ROWS, NEIGHBOUR_ROWS] = [600, 1024, 2048];
/** Points of a distribution's curve. */
const POINTS = 101;

/** Curves of two sets of features: where they lie, how far apart, and how they spread. Empty unless both have features. */
export function featureCurves(sets: readonly EvaluatedSet[]): ReportSection[] {
  const [generated, real] = [sets[0]?.features, sets[1]?.features];
  if (generated === undefined || real === undefined || generated.rows < 3 || real.rows < 3) return [];
  return [distanceSection(generated, real), mapSection(generated, real), spectrumSection(generated, real)];
}

function distanceSection(generated: FeatureMatrix, real: FeatureMatrix): ReportSection {
  const [few, reals] = [thinned(generated, NEIGHBOUR_ROWS).features, thinned(real, NEIGHBOUR_ROWS).features];
  const series = [
    distribution(
      'generated → nearest real',
      nearestPictures(few, reals).map(({ distance }) => distance),
    ),
    distribution('real → nearest other real', Array.from(distancesWithin(reals))),
  ];
  return {
    kind: 'chart',
    title: 'Distance to the nearest real picture',
    lead: `Were the generated pictures drawn from the same source, both curves would agree. A first curve to the left of the second speaks of copies, to its right of pictures unlike any real one.${thinnedNote([generated, real], NEIGHBOUR_ROWS)}`,
    chart: { series, xLabel: 'distance in features', yLabel: 'share of pictures' },
  };
}

function mapSection(generated: FeatureMatrix, real: FeatureMatrix): ReportSection {
  const { first, second, shares } = principalPlane(
    thinned(generated, MAP_ROWS).features,
    thinned(real, MAP_ROWS).features,
  );
  const percent = (share: number): string => `${(100 * share).toFixed(1)} % of the variance`;
  return {
    kind: 'chart',
    title: 'Where the sets lie',
    lead: `Each dot is a picture, in the plane in which both sets together spread most.${thinnedNote([generated, real], MAP_ROWS)}`,
    chart: {
      series: [
        { name: 'generated', ...first },
        { name: 'real', ...second },
      ],
      xLabel: `first direction, ${percent(shares[0])}`,
      yLabel: `second, ${percent(shares[1])}`,
      scattered: true,
    },
  };
}

function spectrumSection(generated: FeatureMatrix, real: FeatureMatrix): ReportSection {
  const line = (name: string, features: FeatureMatrix): ChartSeries => {
    const values = covarianceSpectrum(thinned(features, SPECTRUM_ROWS).features);
    const largest = values[0] ?? 0;
    const y = Array.from(values).filter((value) => value > 1e-10 * largest);
    return { name, x: y.map((_, i) => i + 1), y };
  };
  return {
    kind: 'chart',
    title: 'Spectrum of the covariance',
    lead: `Variance along each principal direction, the largest first. A generated curve that falls early means less variety.${thinnedNote([generated, real], SPECTRUM_ROWS)}`,
    chart: {
      series: [line('generated', generated), line('real', real)],
      xLabel: 'principal direction',
      yLabel: 'variance',
      xScale: 'log',
      yScale: 'log',
    },
  };
}

/** Curves that a metric brought along, one chart each. */
export function metricCurves(curves: readonly EvaluationCurve[]): ReportSection[] {
  return curves.map(({ name, x, y }) => ({
    kind: 'chart',
    title: name,
    chart: { series: [{ name, x, y }], xLabel: '', yLabel: '' },
  }));
}

/** Share of values up to each of evenly many quantiles. */
function distribution(name: string, values: readonly number[]): ChartSeries {
  const sorted = [...values].sort((a, b) => a - b);
  const shares = Array.from({ length: POINTS }, (_, k) => k / (POINTS - 1));
  return { name, x: shares.map((share) => sorted[Math.round(share * (sorted.length - 1))]!), y: shares };
}

const thinnedNote = (sets: readonly FeatureMatrix[], rows: number): string =>
  sets.some((set) => set.rows > rows) ? ` Of up to ${rows} pictures of each set, evenly drawn.` : '';
