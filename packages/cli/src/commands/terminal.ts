import { setImmediate as nextTurn } from 'node:timers/promises';
import { printable } from '@lascaux/nn';

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

/**
 * What is printed may hold text that anybody wrote, such as names of files and captions: characters that steer a terminal are shown, not
 * sent. Line breaks stay, so whoever puts such text into several lines passes it through `printable` before.
 */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** Thrown by a command that was stopped; its message is the line that the user sees, its exit code 130 (128 + SIGINT). */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  /** @param outcome what became of the work, e.g. how to go on */
  constructor(outcome?: string) {
    super(outcome === undefined ? 'interrupted' : `interrupted: ${outcome}`);
  }
}

/** The real terminal, as long as a command has it. */
export interface ProcessTerminal {
  readonly terminal: Terminal;
  /** What kept results from being written, once all that was said so far is out; undefined where nothing did. */
  readonly outputProblem: () => Promise<Error | undefined>;
  /** Takes the handlers of signals and streams away again. */
  readonly release: () => void;
}

/**
 * The real terminal. The first Ctrl-C (or SIGTERM) aborts the signal so that the command can stop cleanly; the second
 * one ends the process at once. A reader that leaves early (`| head`) ends nothing: the work goes on without it.
 */
export function processTerminal(): ProcessTerminal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interrupted());
  };
  let problem: Error | undefined;
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') problem ??= error;
  };
  const ignore = (): void => undefined;
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', ignore);
  const terminal: Terminal = {
    result: (line) => void process.stdout.write(`${printableLines(line)}\n`),
    note: (line) => void process.stderr.write(`${printableLines(line)}\n`),
    interactive: process.stderr.isTTY === true,
    signal: controller.signal,
  };
  return {
    terminal,
    outputProblem: async () => {
      await nextTurn();
      return problem;
    },
    release: () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      process.stdout.off('error', onOutputError);
      process.stderr.off('error', ignore);
    },
  };
}
