import { Command } from 'commander';
import { noSuchCommand } from './wrong-usage.js';

/** `help [COMMAND …]`: the help of a command at any depth, such as `help train vae`. */
export function helpCommand(program: Command): Command {
  return new Command('help')
    .description('show the help of a command, such as: help train vae')
    .argument('[command...]', 'names, from the outside in')
    .action((names: readonly string[]) => named(program, names).outputHelp());
}

function named(parent: Command, names: readonly string[]): Command {
  const [name, ...rest] = names;
  if (name === undefined) return parent;
  const child = parent.commands.find((command) => command.name() === name);
  if (child === undefined) throw noSuchCommand(parent, name);
  return named(child, rest);
}
