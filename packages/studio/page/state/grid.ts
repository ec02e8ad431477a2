import { signal } from '@preact/signals';
import { PageError } from '../backend/errors.js';
import type { Picture } from './history.js';
import { paintSettings, running, work } from './painting.js';
import { drawSeed, settings, type Settings } from './settings.js';

/** The settings that an axis of a grid can go through. */
export const AXES = {
  seed: 'Seed',
  steps: 'Steps',
  guidanceScale: 'Guidance',
  sampler: 'Sampler',
  prompt: 'Prompt',
  negativePrompt: 'Negative prompt',
  strength: 'Strength',
  width: 'Width',
  height: 'Height',
  model: 'Model',
} as const satisfies Partial<Record<keyof Settings, string>>;

/** A setting that an axis can go through. */
export type AxisName = keyof typeof AXES;

const TEXTS: ReadonlySet<AxisName> = new Set(['sampler', 'prompt', 'negativePrompt', 'model']);

/** One axis: a setting and its values as they were typed, apart by commas, prompts by lines. */
export interface Axis {
  readonly name: AxisName;
  readonly text: string;
}

/** A grid as it was asked for, and the pictures that are there. */
export interface Grid {
  readonly columns: { readonly name: AxisName; readonly values: readonly (string | number)[] };
  readonly rows: { readonly name: AxisName; readonly values: readonly (string | number)[] };
  /** Row by row. */
  readonly cells: readonly (Picture | undefined)[];
}

/** The two axes. */
export const axes = signal<{ readonly columns: Axis; readonly rows: Axis }>({
  columns: { name: 'guidanceScale', text: '1, 2, 4' },
  rows: { name: 'seed', text: '1, 2' },
});
/** The last grid. */
export const grid = signal<Grid | undefined>(undefined);

/** So many pictures are painted at most: a slip of the finger could ask for millions. */
const MOST_CELLS = 400;

/**
 * The values of an axis.
 * @throws PageError where there are none, or one is no number
 */
export function valuesOf({ name, text }: Axis): readonly (string | number)[] {
  const isPrompt = name === 'prompt' || name === 'negativePrompt';
  const parts = text.split(isPrompt ? '\n' : /[,\n]/).map((part) => part.trim());
  const values = parts.filter((part) => part !== '').map((part) => (TEXTS.has(name) ? part : Number(part)));
  if (values.length === 0) throw new PageError(`${AXES[name]}: an axis of the grid needs values`);
  const wrong = values.findIndex((value) => Number.isNaN(value));
  if (wrong >= 0) throw new PageError(`${AXES[name]}: ${parts[wrong]} is no number`);
  return values;
}

/** Paints a picture for each pair of values, all of one seed unless it is an axis. */
export async function paintGrid(): Promise<void> {
  if (running.value !== undefined) return;
  await work(async (signal) => {
    const [columns, rows] = [axes.value.columns, axes.value.rows].map((axis) => ({
      name: axis.name,
      values: valuesOf(axis),
    })) as [Grid['columns'], Grid['rows']];
    if (columns.name === rows.name) throw new PageError('the axes of a grid are two different settings');
    const count = columns.values.length * rows.values.length;
    if (count > MOST_CELLS) throw new PageError(`a grid may have ${MOST_CELLS} pictures, not ${count}`);
    const { value: chosen } = settings;
    const common = { ...chosen, count: 1, seed: chosen.isSeedLocked ? chosen.seed : drawSeed() };
    grid.value = { columns, rows, cells: Array.from({ length: count }, () => undefined) };
    for (let index = 0; index < count; index++) {
      const [column, row] = [index % columns.values.length, Math.floor(index / columns.values.length)];
      const own = { ...common, [columns.name]: columns.values[column], [rows.name]: rows.values[row] };
      const [picture] = await paintSettings(own, signal, `grid, ${index + 1} of ${count}`);
      grid.value = { columns, rows, cells: grid.value.cells.with(index, picture) };
    }
  });
}
