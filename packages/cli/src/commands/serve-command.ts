import { Command } from 'commander';
import { wholeNumber } from './option-values.js';
import type { Terminal } from './terminal.js';

/** What the command line hands over, with commander's names. */
export interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly model: readonly string[];
  readonly device: string;
  readonly vae?: string;
  readonly previewVae?: string;
  readonly memory?: number;
  readonly queue: number;
  readonly drain: number;
  readonly offline?: true;
}

const MANY = Number.MAX_SAFE_INTEGER;

/** `serve`: the models behind the HTTP interfaces that other programs speak. */
export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('paint for other programs: an HTTP server that speaks as OpenAI does')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('-p, --port <n>', 'port; 0 takes a free one', wholeNumber('--port', { minimum: 0, maximum: 65_535 }), 7860)
    .option(
      '-m, --model <model...>',
      'models to offer, the first by default: folders, or owner/name[@revision] on the hub (default: the bundled lascaux-mini)',
    )
    .option('--device <name>', 'execution provider: cpu, webgpu, cuda …', 'cpu')
    .option('--vae <dir>', "autoencoder in place of the models' own")
    .option('--preview-vae <dir>', 'the same for previews alone, such as taesd')
    .option(
      '--memory <MB>',
      'what loaded models may take together; the one used longest ago makes room (default: 70 % of what there is)',
      wholeNumber('--memory', { minimum: 1, maximum: MANY }),
    )
    .option(
      '--queue <n>',
      'images that may wait; more are refused with 429',
      wholeNumber('--queue', { minimum: 1, maximum: 1_000_000 }),
      64,
    )
    .option(
      '--drain <seconds>',
      'time for running requests after SIGTERM or Ctrl-C',
      wholeNumber('--drain', { minimum: 0, maximum: 86_400 }),
      30,
    )
    .option('--offline', 'take models of the hub from the cache only')
    .action(async (flags: Omit<ServeFlags, 'model'> & { model?: string[] }) => {
      const { runServe } = await import('./run-serve.js');
      await runServe({ ...flags, model: flags.model ?? [] }, terminal);
    });
}
