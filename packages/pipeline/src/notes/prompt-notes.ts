import type { KnownWords } from '@lascaux/models/source';
import type { GenerateResult } from '../generate/pipeline-types.js';
import { unknownWords } from '../prompt/unknown-words.js';
import { unreadSyntax } from '../prompt/unread-syntax.js';
import type { CallNote } from './call-note.js';

/** What a call says in words. */
interface Prompts {
  readonly prompt: string;
  readonly negativePrompt?: string;
}

/** What of the prompts was not painted as it was written. */
export const promptNotes = ({ truncated, options }: Pick<GenerateResult, 'truncated' | 'options'>): CallNote[] => [
  ...truncationNotes(truncated),
  ...(options.promptSyntax === 'plain' ? [] : syntaxNotes(options)),
];

const truncationNotes = (truncated: GenerateResult['truncated']): CallNote[] =>
  (['prompt', 'negativePrompt'] as const)
    .filter((option) => truncated[option] > 0)
    .map((option) => ({ option, text: `${truncated[option]} tokens did not fit and were left out` }));

const syntaxNotes = (prompts: Prompts): CallNote[] =>
  each(prompts, (text) =>
    unreadSyntax(text).map((part) => `${JSON.stringify(part)} is not understood and was read as words`),
  );

/** The words of the prompts that a model says it has not learned, each with a known one that is spelled almost alike. */
export const wordNotes = (prompts: Prompts, words: KnownWords | undefined): CallNote[] =>
  words === undefined
    ? []
    : each(prompts, (text) =>
        unknownWords(text, words).map(({ word, nearest }) => {
          const instead = nearest === undefined ? '' : ` (nearest: ${JSON.stringify(nearest)})`;
          return `${JSON.stringify(word)} is not among the words this model learned${instead}`;
        }),
      );

const each = ({ prompt, negativePrompt = '' }: Prompts, texts: (prompt: string) => readonly string[]): CallNote[] => [
  ...texts(prompt).map((text) => ({ option: 'prompt', text }) as const),
  ...texts(negativePrompt).map((text) => ({ option: 'negativePrompt', text }) as const),
];
