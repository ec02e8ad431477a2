import { LascauxError } from '@lascaux/nn';
import { numberText, powerOfTen } from './number-text.js';

/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Values along one direction of a chart. */
export interface Axis {
  /** 0 at the lower end, 1 at the upper. */
  readonly position: (value: number) => number;
  readonly ticks: readonly Tick[];
}

/** How an axis is divided. */
export type AxisScale = 'linear' | 'log';

/** An axis that holds these values and ends on round ones. @throws LascauxError without finite values, or ones that have no logarithm */
export function axisFor(values: readonly number[], scale: AxisScale): Axis {
  const usable = values.filter((value) => Number.isFinite(value) && (scale === 'linear' || value > 0));
  if (usable.length === 0)
    throw new LascauxError({ operation: 'chart', rule: `a ${scale} axis needs values it can show, got none` });
  const [least, largest] = [usable.reduce((a, b) => Math.min(a, b)), usable.reduce((a, b) => Math.max(a, b))];
  return scale === 'linear' ? linearAxis(least, largest) : logAxis(least, largest);
}

/** At most seven steps and the ends, of 1, 2 or 5 times a power of ten. */
function linearAxis(least: number, largest: number): Axis {
  const extent = largest - least || Math.abs(largest) || 1;
  const rough = extent / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const [first, last] = [Math.floor(least / step), Math.max(Math.ceil(largest / step), Math.floor(least / step) + 1)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => {
    const value = Number(((first + i) * step).toPrecision(12));
    return { value, text: numberText(value) };
  });
  return { ticks, position: (value) => (value / step - first) / (last - first) };
}

const FACTORS = [1, 2, 5] as const;

/** From one of 1, 2, 5 times a power of ten to another; marks at whole decades, at most seven, and at 2 and 5 where there are fewer than three. */
function logAxis(least: number, largest: number): Axis {
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(Math.ceil(Math.log10(largest) - 1e-9), first + 1);
  const every = Math.ceil((last - first) / 6);
  const round = Array.from({ length: last - first + 1 }, (_, i) => first + i).flatMap((exponent) =>
    FACTORS.map((factor) => ({ exponent, factor, value: Number(`${factor}e${exponent}`) })),
  );
  const lower = round.findLast(({ value }) => value <= least * (1 + 1e-9))?.value ?? 10 ** first;
  const upper = round.find(({ value }) => value >= largest * (1 - 1e-9) && value > lower)?.value ?? 10 ** last;
  const ticks = round
    .filter(({ value }) => value >= lower && value <= upper)
    .filter(({ exponent, factor }) => (factor === 1 ? (exponent - first) % every === 0 : last - first < 3))
    .map(({ value, factor, exponent }) => ({ value, text: tickText(value, factor, exponent) }));
  const [from, extent] = [Math.log10(lower), Math.log10(upper) - Math.log10(lower)];
  return { ticks, position: (value) => (Math.log10(value) - from) / extent };
}

function tickText(value: number, factor: number, exponent: number): string {
  if (Math.abs(exponent) < 4) return numberText(value);
  return factor === 1 ? powerOfTen(exponent) : '';
}
