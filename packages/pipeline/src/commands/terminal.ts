/** Where a command writes and how it is told to stop; tests pass their own. */
export interface Terminal {
  /** A line of results, to standard output. */
  result(line: string): void;
  /** A line of remarks or errors, to standard error. */
  note(line: string): void;
  /** Whether somebody watches standard error, so that a progress bar makes sense. */
  readonly interactive: boolean;
  /** Aborted when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Thrown by a command that was stopped; its message is the line that the user sees, its exit code 130 (128 + SIGINT). */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  /** @param outcome what became of the work, e.g. how to go on */
  constructor(outcome?: string) {
    super(outcome === undefined ? 'interrupted' : `interrupted: ${outcome}`);
  }
}

/**
 * The real terminal, and a function that takes its signal handlers away again. The first Ctrl-C (or SIGTERM) aborts the
 * signal so that the command can stop cleanly; the second one ends the process at once.
 */
export function processTerminal(): { terminal: Terminal; release: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interrupted());
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const terminal: Terminal = {
    result: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    interactive: process.stderr.isTTY === true,
    signal: controller.signal,
  };
  const release = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  return { terminal, release };
}
