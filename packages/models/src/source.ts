// A model that lies in no file system; nothing here reaches a module of Node.js.
export { externalNames } from './folder/external-entries.js';
export { modelOfSource } from './folder/model-of-source.js';
export { normalText, parseWordList, WORDS_FILE, type KnownWords } from './folder/word-list.js';
