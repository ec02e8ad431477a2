import { LascauxError } from '@lascaux/nn';
import { CommanderError } from 'commander';
import { withFlag } from './flag-of.js';
import { Interrupted } from './terminal.js';

/** The one line that the user sees, and the exit code: 1 it failed, 2 wrong usage, 130 interrupted. */
export interface ErrorDescription {
  line: string;
  exitCode: number;
}

/** Any thrown value as one line and an exit code. A stack follows only when `debug` is set. */
export function describeError(error: unknown, debug = false): ErrorDescription {
  const { line, exitCode } = summarise(error);
  const stack = error instanceof Error ? stackOf(error) : undefined;
  return { line: debug && stack !== undefined ? `${line}\n${stack}` : line, exitCode };
}

function summarise(error: unknown): ErrorDescription {
  if (error instanceof Interrupted) return { line: error.message, exitCode: 130 };
  if (error instanceof Error && error.name === 'AbortError') return { line: 'interrupted', exitCode: 130 };
  if (error instanceof LascauxError)
    return { line: `error: ${withFlag(error).message}`, exitCode: error.kind === 'usage' ? 2 : 1 };
  if (error instanceof CommanderError)
    return { line: `error: ${oneLine(error.message.replace(/^error: /, ''))}`, exitCode: 2 };
  return {
    line: `error: ${oneLine(error instanceof Error ? error.message || error.name : String(error))}`,
    exitCode: 1,
  };
}

function stackOf(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
