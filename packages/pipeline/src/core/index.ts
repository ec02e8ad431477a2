// Painting without a file system: nothing here reaches a module of Node.js, which test/browser-bundle.test.ts checks.
export type { GraphRuntime } from './graph-runtime.js';
export { openPainter, type OpenPainterOptions } from './open-painter.js';
export { Painter } from '../generate/painter.js';
export type { GenerateOptions, ResolvedOptions } from '../options/generate-options.js';
export type { GenerateProgress, GenerateResult } from '../generate/pipeline-types.js';
export type { CallNote } from '../notes/call-note.js';
export { promptNotes, wordNotes } from '../notes/prompt-notes.js';
export { settingNotes } from '../notes/setting-notes.js';
export { resolveSeed } from '../options/resolve-options.js';
export { samplerNameOf } from '../options/sampler-name.js';
export { settingsText } from '../options/settings-text.js';
export { schedulerConfigOf } from '../family/family-of.js';
export type { Mask, Picture } from '../image/picture.js';
export type { ModelSource } from '@lascaux/nn';
