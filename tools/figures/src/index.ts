export { clipFigures, type ClipFigures, type Spread } from './clip-figures.js';
export { distinctDraw, type DrawOptions } from './distinct-draw.js';
export type { FigureOptions } from './figure-options.js';
export { frechetFigures, type FrechetFigures } from './frechet-figures.js';
export { readArguments, type FigureArguments } from './arguments.js';
export { mean, median } from './statistics.js';
export { timeFigures, type TimeFigures } from './time-figures.js';
export { vaeFigures, type VaeFigures } from './vae-figures.js';
