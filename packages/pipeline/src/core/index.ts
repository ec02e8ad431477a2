// Painting without a file system: nothing here reaches a module of Node.js, which test/browser-bundle.test.ts checks.
export type { GraphRuntime } from './graph-runtime.js';
export { openPainter, type OpenPainterOptions } from './open-painter.js';
export { Painter } from '../generate/painter.js';
export type { GenerateOptions, ResolvedOptions } from '../options/generate-options.js';
export type { ModelSource } from '@lascaux/nn';
