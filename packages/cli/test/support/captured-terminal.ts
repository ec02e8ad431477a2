import { runCommand } from '../../src/cli.js';

/** What a command printed and returned. */
export interface CommandRun {
  readonly exitCode: number;
  readonly results: string[];
  readonly notes: string[];
}

/** Runs the command line in this process and keeps what it prints. */
export async function runCaptured(argv: readonly string[], signal = new AbortController().signal): Promise<CommandRun> {
  const results: string[] = [];
  const notes: string[] = [];
  const terminal = {
    result: (line: string) => void results.push(line),
    note: (line: string) => void notes.push(line),
    interactive: false,
    signal,
  };
  const exitCode = await runCommand(argv, terminal);
  return { exitCode, results, notes };
}
