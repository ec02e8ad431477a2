import { LascauxError, nearestText, quotedWords } from '@lascaux/nn';
import type { Command } from 'commander';

/** Letters of a command’s name that may be wrong, and no more than half of them. */
const MOST_CHANGES = 2;

/**
 * The error for a command that is not there; a name that is spelt much like one that is gets a suggestion.
 * @param command has children, and `name` is none of them
 */
export function noSuchCommand(command: Command, name: string): LascauxError {
  const names = command.commands.map((child) => child.name());
  const meant = nearestText(name, names, Math.min(MOST_CHANGES, name.length >> 1));
  return new LascauxError({
    operation: command.name(),
    rule: meant === undefined ? 'no such command' : `no such command (did you mean ${meant}?)`,
    value: name,
    accepted: names,
    kind: 'usage',
  });
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
