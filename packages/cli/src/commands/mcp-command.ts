import { Command } from 'commander';
import type { Terminal } from './terminal.js';

/** What the command line hands over, with commander's names. */
interface McpFlags {
  readonly model?: readonly string[];
  readonly device: string;
  readonly offline?: true;
}

/** `mcp`: painting as tools of the Model Context Protocol, over standard input and output. */
export function mcpCommand(terminal: Terminal): Command {
  return new Command('mcp')
    .description('paint for assistants: tools of the Model Context Protocol over standard input and output')
    .option(
      '-m, --model <model...>',
      'models to offer, the first by default: folders, or owner/name[@revision] on the hub (default: the bundled lascaux-mini)',
    )
    .option('--device <name>', 'execution provider: cpu, webgpu, cuda …', 'cpu')
    .option('--offline', 'take models of the hub from the cache only')
    .addHelpText('after', '\n`lascaux serve` speaks the same over HTTP, at /mcp.')
    .action(async ({ model = [], device, offline }: McpFlags) => {
      const { serveMcp } = await import('@lascaux/server');
      const { servedModels } = await import('./served-models.js');
      const models = await servedModels({ model, offline }, terminal);
      await serveMcp({ models, device, signal: terminal.signal });
    });
}
