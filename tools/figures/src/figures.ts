import { clipFigures } from './clip-figures.js';
import type { FigureOptions } from './figure-options.js';
import { clipText, frechetText, timeText, vaeText } from './figure-text.js';
import { frechetFigures } from './frechet-figures.js';
import { timeFigures } from './time-figures.js';
import { vaeFigures } from './vae-figures.js';

/** A finished figure, for machines and for people. */
export interface Figure {
  readonly json: object;
  readonly text: string;
}

async function figure<Figures extends object>(
  made: Promise<Figures>,
  text: (figures: Figures) => string,
): Promise<Figure> {
  const figures = await made;
  return { json: figures, text: text(figures) };
}

/** The figures by name. */
export const figures: Readonly<Record<string, (options: FigureOptions) => Promise<Figure>>> = {
  vae: (options) => figure(vaeFigures(options), vaeText),
  clip: (options) => figure(clipFigures(options), clipText),
  frechet: (options) => figure(frechetFigures(options), frechetText),
  time: (options) => figure(timeFigures(options), timeText),
};
