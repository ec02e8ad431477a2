// Painting without a file system: nothing here reaches a module of Node.js, which test/browser-bundle.test.ts checks.
export { describeSource, type SourceDescription } from './describe-source.js';
export type { GraphRuntime } from './graph-runtime.js';
export { openPainter, type OpenPainterOptions } from './open-painter.js';
export type { CallExplanation, ExplainedLevel, ExplainedToken } from '../generate/explain-call.js';
export { hasPreview } from '../options/has-preview.js';
export { Painter } from '../generate/painter.js';
export type { GenerateProgress, GenerateResult } from '../generate/pipeline-types.js';
export type { Mask, Picture } from '../image/picture.js';
export type { CallNote } from '../notes/call-note.js';
export { promptNotes, wordNotes } from '../notes/prompt-notes.js';
export { settingNotes } from '../notes/setting-notes.js';
export type { GenerateOptions, ResolvedOptions } from '../options/generate-options.js';
export { settingsText } from '../options/settings-text.js';
export { parseWordList, WORDS_FILE, type KnownWords } from '@lascaux/models/source';
export type { ModelSource } from '@lascaux/nn';
