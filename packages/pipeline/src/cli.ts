import { LascauxError } from '@lascaux/nn';
import { Command, CommanderError } from 'commander';
import { convertCommand } from './commands/convert-command.js';
import { describeError } from './commands/describe-error.js';
import { evaluateCommand } from './commands/evaluate-command.js';
import { generateCommand } from './commands/generate-command.js';
import { infoCommand } from './commands/info-command.js';
import { pullCommand } from './commands/pull-command.js';
import { processTerminal, type Terminal } from './commands/terminal.js';
import { trainCommand } from './commands/train-command.js';
import { VERSION } from './version.js';

/**
 * The command line.
 * @param argv the arguments without `node` and the script
 * @returns the exit code: 0 done, 1 it failed, 2 wrong usage, 130 interrupted; it never throws
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { terminal, outputProblem, release } = processTerminal();
  try {
    const exitCode = await runCommand(argv, terminal);
    const problem = await outputProblem();
    if (problem === undefined) return exitCode;
    terminal.note(`error: standard output: cannot be written: ${problem.message}`);
    return exitCode === 0 ? 1 : exitCode;
  } finally {
    release();
  }
}

/** Runs one command on a given terminal and returns the exit code. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const program = lascaux(terminal);
    await program.parseAsync(
      argv.filter((argument) => argument !== '--debug'),
      { from: 'user' },
    );
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // help or version was shown
    const { line, exitCode } = describeError(error, argv.includes('--debug'));
    terminal.note(line);
    return exitCode;
  }
}

function lascaux(terminal: Terminal): Command {
  const program = new Command('lascaux')
    .description(
      'text-to-image latent diffusion: paint pictures, train the parts, judge the results, read settings back',
    )
    .version(VERSION)
    .option('--debug', 'show the stack of an error')
    .addCommand(generateCommand(terminal))
    .addCommand(trainCommand(terminal))
    .addCommand(evaluateCommand(terminal))
    .addCommand(pullCommand(terminal))
    .addCommand(convertCommand(terminal))
    .addCommand(infoCommand(terminal));
  // Commands made apart inherit nothing, so each is told to throw, and to leave its error line to us.
  for (const command of withChildren(program)) {
    command
      .on('command:*', ([name]: string[]) => throwNoCommand(command, name))
      .exitOverride((error) => {
        if (error.code === 'commander.help' && error.exitCode !== 0) throwNoCommand(command);
        throw error;
      })
      .configureOutput({ writeOut: (text) => terminal.result(text.trimEnd()), writeErr: () => undefined });
  }
  return program;
}

/** Answers a command that has children and was given none of them. */
function throwNoCommand(command: Command, name?: string): never {
  throw new LascauxError({
    operation: command.name(),
    rule: name === undefined ? 'needs a command, see --help' : 'no such command',
    value: name,
    accepted: command.commands.map((child) => child.name()),
    kind: 'usage',
  });
}

function withChildren(command: Command): Command[] {
  return [command, ...command.commands.flatMap((child) => withChildren(child))];
}
