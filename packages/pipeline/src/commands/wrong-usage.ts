import { LascauxError } from '@lascaux/nn';
import { Command, CommanderError } from 'commander';
import { quotedWords } from './shell-command.js';

/**
 * The error for a command that is not there; a name that is spelt much like one that is gets a suggestion.
 * @param command has children, and `name` is none of them
 */
export function noSuchCommand(command: Command, name: string): LascauxError {
  const meant = suggestionOf(command, name);
  return new LascauxError({
    operation: command.name(),
    rule: meant === undefined ? 'no such command' : `no such command (did you mean ${meant}?)`,
    value: name,
    accepted: command.commands.map((child) => child.name()),
    kind: 'usage',
  });
}

/** The name that commander takes the misspelt one for, asked of a program that has the same commands and leaves the answer to it. */
function suggestionOf({ commands }: Command, name: string): string | undefined {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const child of commands) program.addCommand(new Command(child.name()));
  try {
    program.parse([name], { from: 'user' });
    return undefined;
  } catch (error) {
    return error instanceof CommanderError ? /\(Did you mean (?:one of )?(.+)\?\)/.exec(error.message)?.[1] : undefined;
  }
}

/** The error for several words where a command takes one: mostly a text, or a name with spaces, without quotes. */
export function severalWords(command: Command): LascauxError {
  const words = command.args.join(' ');
  return new LascauxError({
    operation: command.name(),
    rule: 'words that belong together need quotes',
    value: words,
    accepted: `${command.name()} ${quotedWords(words)}`,
    kind: 'usage',
  });
}
