import { LascauxError } from '@lascaux/nn';

/** Something that went wrong, in a line for whoever looks at the page. */
export class PageError extends LascauxError {
  constructor(rule: string, cause?: unknown) {
    super({ operation: 'studio', rule, cause });
  }
}

/** The server wants an API key, or another one. */
export class KeyNeededError extends PageError {
  constructor(readonly wasGiven: boolean) {
    super(wasGiven ? 'the server does not know this API key' : 'the server wants an API key');
  }
}

/** An error in one line. */
export const lineOf = (error: unknown): string =>
  error instanceof PageError ? error.rule : error instanceof Error ? error.message : String(error);

/** Whether an error says that something was stopped on purpose. */
export const isStopped = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';
