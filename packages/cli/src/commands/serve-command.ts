import { Command, Option } from 'commander';
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
  readonly apiKey?: string;
  /** False for `--no-auth`. */
  readonly auth: boolean;
  readonly cors?: readonly string[];
  readonly maxPixels?: number;
  readonly maxSteps?: number;
  readonly maxImages?: number;
  readonly maxPrompt?: number;
  readonly maxBody?: number;
  readonly maxSeconds?: number;
  readonly publicUrl?: string;
  /** False for `--no-page`. */
  readonly page: boolean;
  readonly logLevel: string;
  readonly logPrompts: boolean;
}

const MANY = Number.MAX_SAFE_INTEGER;
const atLeastOne = (flag: string) => wholeNumber(flag, { minimum: 1, maximum: MANY });
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

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
      atLeastOne('--memory'),
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
    .addOption(
      new Option('--api-key <key>', 'what clients must present; needed for any --host but this machine').env(
        'LASCAUX_API_KEY',
      ),
    )
    .option('--no-auth', 'let anybody paint who reaches the address')
    .option('--cors <origin...>', 'origins whose pages may call, such as https://example.org, or *')
    .option('--max-pixels <n>', 'pixels of an image: width times height (default: 4194304)', atLeastOne('--max-pixels'))
    .option('--max-steps <n>', 'sampling steps (default: 150)', atLeastOne('--max-steps'))
    .option('--max-images <n>', 'images of a request (default: 10)', atLeastOne('--max-images'))
    .option('--max-prompt <n>', 'characters of a prompt (default: 32000)', atLeastOne('--max-prompt'))
    .option('--max-body <MB>', 'a request with its uploads (default: 50)', atLeastOne('--max-body'))
    .option('--max-seconds <n>', 'painting of one image (default: 600)', atLeastOne('--max-seconds'))
    .option('--public-url <url>', 'what links to images begin with (default: the address that was called)')
    .option('--no-page', 'serve the interfaces for programs alone, without the studio at /')
    .addOption(new Option('--log-level <name>', 'lines of JSON on standard error').choices(LOG_LEVELS).default('info'))
    .option('--log-prompts', 'log prompts too, which may be private', false)
    .option('--offline', 'take models of the hub from the cache only')
    .action(async (flags: Omit<ServeFlags, 'model'> & { model?: string[] }) => {
      const { runServe } = await import('./run-serve.js');
      await runServe({ ...flags, model: flags.model ?? [] }, terminal);
    });
}
