import { formatBytes } from '@lascaux/nn';
import { Command } from 'commander';
import type { Terminal } from './terminal.js';

/** What the command line hands over, with commander's names. */
interface StudioFlags {
  readonly static: string;
  readonly model?: readonly string[];
  readonly offline?: true;
}

/** `studio`: the page of `serve` as a folder that needs no server of ours. */
export function studioCommand(terminal: Terminal): Command {
  return new Command('studio')
    .description("write a folder that any web host serves and that paints in the visitor's own browser")
    .requiredOption('--static <dir>', 'folder to write, new or empty')
    .option(
      '-m, --model <model...>',
      'models to take along: folders, or owner/name[@revision] on the hub (default: the bundled lascaux-mini)',
    )
    .option('--offline', 'take models of the hub from the cache only')
    .addHelpText('after', '\n`lascaux serve` shows the same page and paints on this machine.')
    .action(async ({ static: out, model, offline }: StudioFlags) => {
      const { writeStaticStudio } = await import('@lascaux/studio');
      const { modelOfFlag } = await import('./model-of-flag.js');
      const models: string[] = [];
      for (const name of model ?? [undefined]) models.push(await modelOfFlag(name, terminal, { offline }));
      const { bytes } = await writeStaticStudio({ out, models });
      terminal.result(`${out}: ${formatBytes(bytes)}`);
    });
}
