import { axisFor, type Axis, type AxisScale } from './axis.js';
import { html, type Html } from './html.js';
import { numberText } from './number-text.js';

/** One line of a chart. */
export interface ChartSeries {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A chart of lines over common axes. */
export interface Chart {
  readonly series: readonly ChartSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xScale?: AxisScale;
  readonly yScale?: AxisScale;
  /** Points without lines between them. */
  readonly scattered?: boolean;
}

const [WIDTH, HEIGHT] = [720, 340];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 12, 48];
/** Points are marked where they are few enough to be told apart. */
const MARKED_POINTS = 60;
/** How many looks there are; further series start over. */
const LOOKS = 4;

/** A chart as SVG with a legend; every mark says its values when pointed at. @throws LascauxError when it has nothing to show */
export function chartFigure(chart: Chart): Html {
  const { series, xLabel, yLabel, xScale = 'linear', yScale = 'linear' } = chart;
  const x = axisFor(
    series.flatMap((line) => line.x),
    xScale,
  );
  const y = axisFor(
    series.flatMap((line) => line.y),
    yScale,
  );
  const place = { x: (value: number) => across(x.position(value)), y: (value: number) => upwards(y.position(value)) };
  // The first series is drawn last, on top of the others.
  const marks = series.map((line, i) => seriesMarks(line, `look-${i % LOOKS}`, { place, chart }));
  return html`${series.length > 1 ? legend(chart) : undefined}
    <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${describe(chart)}">
      ${gridLines({ x, y })} ${axisLabels({ xLabel, yLabel })} ${marks.reverse()}
    </svg>`;
}

const across = (share: number): number => round(LEFT + share * (WIDTH - LEFT - RIGHT));
const upwards = (share: number): number => round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM));
const round = (value: number): number => Math.round(value * 10) / 10;

const describe = ({ series, xLabel, yLabel }: Chart): string =>
  `${series.map(({ name }) => name).join(', ')}: ${yLabel} over ${xLabel}`;

function legend({ series, scattered = false }: Chart): Html {
  const key = (look: string): Html =>
    scattered
      ? html`<circle class="dot ${look}" cx="14" cy="5" r="4" />`
      : html`<path class="line ${look}" d="M1 5H27" />`;
  const entry = ({ name }: ChartSeries, i: number): Html =>
    html`<li>
      <svg class="key" viewBox="0 0 28 10" aria-hidden="true">${key(`look-${i % LOOKS}`)}</svg>
      ${name}
    </li>`;
  return html`<ul class="legend">
    ${series.map(entry)}
  </ul>`;
}

function gridLines({ x, y }: { x: Axis; y: Axis }): Html {
  const [left, right, bottom] = [across(0), across(1), upwards(0)];
  const horizontal = y.ticks.map(({ value, text }) => {
    const at = upwards(y.position(value));
    return html`<path class="rule" d="M${left} ${at}H${right}" />
      <text class="tick" x="${left - 8}" y="${at + 4}" text-anchor="end">${text}</text>`;
  });
  const vertical = x.ticks.map(({ value, text }) => {
    const at = across(x.position(value));
    return html`<path class="rule short" d="M${at} ${bottom}v5" />
      <text class="tick" x="${at}" y="${bottom + 19}" text-anchor="middle">${text}</text>`;
  });
  return html`${horizontal}${vertical}`;
}

function axisLabels({ xLabel, yLabel }: { xLabel: string; yLabel: string }): Html {
  const [middle, height] = [round((across(0) + across(1)) / 2), round((upwards(0) + upwards(1)) / 2)];
  return html`<text class="axis" x="${middle}" y="${HEIGHT - 8}" text-anchor="middle">${xLabel}</text>
    <text class="axis" transform="translate(14 ${height}) rotate(-90)" text-anchor="middle">${yLabel}</text>`;
}

interface Placing {
  readonly place: { readonly x: (value: number) => number; readonly y: (value: number) => number };
  readonly chart: Chart;
}

function seriesMarks({ name, x, y }: ChartSeries, look: string, { place, chart }: Placing): Html {
  const shown = x
    .map((value, i) => ({ value, height: y[i] ?? Number.NaN }))
    .filter(({ value, height }) => isShown(value, chart.xScale) && isShown(height, chart.yScale));
  const points = shown.map(({ value, height }) => ({ value, height, at: [place.x(value), place.y(height)] as const }));
  const path = points.map(({ at }, i) => `${i === 0 ? 'M' : 'L'}${at[0]} ${at[1]}`).join('');
  const line = chart.scattered === true ? undefined : html`<path class="line ${look}" d="${path}" />`;
  const isMarked = chart.scattered === true || points.length <= MARKED_POINTS;
  const mark = ({ value, height, at }: (typeof points)[number]): Html =>
    html`<circle class="dot ${look}" cx="${at[0]}" cy="${at[1]}" r="${chart.scattered === true ? 2.5 : 3}">
      <title>${name}: ${numberText(value)}, ${numberText(height)}</title>
    </circle>`;
  return html`<g>${line}${isMarked ? points.map(mark) : undefined}</g>`;
}

const isShown = (value: number, scale: AxisScale | undefined): boolean =>
  Number.isFinite(value) && (scale !== 'log' || value > 0);
