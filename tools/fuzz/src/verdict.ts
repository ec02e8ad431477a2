import { LascauxError } from '@lascaux/nn';

/** How reading a file ended: it was read, refused in one clear line, or something that nobody should see. */
export type Verdict = 'read' | 'refused' | 'unclear';

const LONGEST_LINE = 4000;

/** What an error is worth. */
export function verdictOf(error: unknown): Verdict {
  const clear = error instanceof LascauxError && !/\p{Cc}/u.test(error.message) && error.message.length <= LONGEST_LINE;
  return clear ? 'refused' : 'unclear';
}

/** An error in words. */
export const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message.slice(0, 300)}` : String(error);
