import { Command, CommanderError } from 'commander';
import { convertCommand } from './commands/convert-command.js';
import { describeError } from './commands/describe-error.js';
import { evaluateCommand } from './commands/evaluate-command.js';
import { generateCommand } from './commands/generate-command.js';
import { helpCommand } from './commands/help-command.js';
import { infoCommand } from './commands/info-command.js';
import { mcpCommand } from './commands/mcp-command.js';
import { pullCommand } from './commands/pull-command.js';
import { serveCommand } from './commands/serve-command.js';
import { studioCommand } from './commands/studio-command.js';
import { processTerminal, type Terminal } from './commands/terminal.js';
import { trainCommand } from './commands/train-command.js';
import { noSuchCommand, severalWords } from './commands/wrong-usage.js';
import { VERSION } from '@lascaux/nn';

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
    if (error instanceof CommanderError && error.code === 'commander.help') return 2; // usage was shown, for want of a command
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
    .helpCommand(false)
    .addCommand(generateCommand(terminal))
    .addCommand(serveCommand(terminal))
    .addCommand(studioCommand(terminal))
    .addCommand(mcpCommand(terminal))
    .addCommand(trainCommand(terminal))
    .addCommand(evaluateCommand(terminal))
    .addCommand(pullCommand(terminal))
    .addCommand(convertCommand(terminal))
    .addCommand(infoCommand(terminal));
  program.addCommand(helpCommand(program));
  // Commands made apart inherit nothing, so each is told to throw, and to leave its error line to us.
  for (const command of withChildren(program)) {
    command
      .on('command:*', ([name]: [string]) => {
        throw noSuchCommand(command, name);
      })
      .exitOverride((error) => {
        throw isUnquoted(command, error) ? severalWords(command) : error;
      })
      .configureOutput({
        writeOut: (text) => terminal.result(text.trimEnd()),
        // Errors are told by `runCommand`; what is left is the usage of a command that was given nothing to do.
        writeErr: (text) => (text.startsWith('Usage: ') ? terminal.note(text.trimEnd()) : undefined),
      });
  }
  return program;
}

/** Whether a command that takes one argument was given several. */
const isUnquoted = ({ registeredArguments }: Command, { code }: CommanderError): boolean =>
  code === 'commander.excessArguments' && registeredArguments.length === 1;

function withChildren(command: Command): Command[] {
  return [command, ...command.commands.flatMap((child) => withChildren(child))];
}
