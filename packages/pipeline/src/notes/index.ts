// What is said of a call besides its images: settings and words that the model does badly with.
export type { CallNote } from './call-note.js';
export { promptNotes, wordNotes } from './prompt-notes.js';
export { settingNotes, type DoubtfulOptions } from './setting-notes.js';
export { unknownWords, type UnknownWord } from '../prompt/unknown-words.js';
export { unreadSyntax } from '../prompt/unread-syntax.js';
