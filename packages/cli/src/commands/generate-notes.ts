import type { CallNote } from '@lascaux/pipeline/notes';
import { flagOf } from './flag-of.js';

/** A note in the words of a command line: the prompt is an argument, other options are flags. */
export function noteLine({ option, text }: CallNote): string {
  if (option === undefined) return text;
  return `${option === 'prompt' ? option : flagOf(option)}: ${text}`;
}
