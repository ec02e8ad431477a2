import { Command } from 'commander';
import { LascauxError } from '@lascaux/nn';
import { wholeNumber } from './option-values.js';
import type { Terminal } from './terminal.js';

/**
 * What `train` hands to a part's `trainCommand`. Everything that is not given comes from `config`, the JSON file of the
 * part's own options, or from the part's defaults.
 */
export interface TrainCommandOptions {
  /** Folder of training pictures with captions. */
  readonly data: string;
  /** Run folder to write. */
  readonly out: string;
  /** JSON file of options. */
  readonly config?: string;
  /** Go on with the run in `out` where it stopped. */
  readonly resume: boolean;
  readonly engine?: string;
  readonly device?: string;
  readonly batchSize?: number;
  /** Length of the training, counted in images seen. */
  readonly images?: number;
  readonly seed?: number;
  /** Width and height of the training pictures in pixels. */
  readonly size?: number;
  /** Aborted by Ctrl-C: save a checkpoint and return. */
  readonly signal: AbortSignal;
  /** Writes a line of results to standard output. */
  readonly result: (line: string) => void;
  /** Writes a remark to standard error. */
  readonly note: (line: string) => void;
  /** Whether a progress bar makes sense. */
  readonly interactive: boolean;
}

/** What the module `@lascaux/PART/train` of a trainable part exports. */
export interface TrainModule {
  readonly trainCommand: (options: TrainCommandOptions) => Promise<unknown>;
}

/** The parts that can be trained, and the modules that do it. They load training engines, so only this command imports them. */
export const TRAIN_MODULES = {
  vae: '@lascaux/vae/train',
  'text-encoder': '@lascaux/text-encoder/train',
  denoiser: '@lascaux/diffusion/train',
} as const;

type TrainablePart = keyof typeof TRAIN_MODULES;
type TrainFlags = Omit<TrainCommandOptions, 'signal' | 'result' | 'note' | 'interactive'>;

/** `train vae|text-encoder|denoiser`: hands the flags to the part's own trainer. */
export function trainCommand(terminal: Terminal): Command {
  const train = new Command('train').description('train a part of a model on a folder of pictures');
  for (const part of Object.keys(TRAIN_MODULES) as TrainablePart[]) {
    train.addCommand(partCommand(part, terminal));
  }
  return train;
}

function partCommand(part: TrainablePart, terminal: Terminal): Command {
  return new Command(part)
    .description(`train the ${part}`)
    .requiredOption('--data <dir>', 'folder of pictures with captions')
    .requiredOption('--out <dir>', 'run folder to write')
    .option('--config <file>', 'JSON file of options')
    .option('--resume', 'go on with the run in --out', false)
    .option('--engine <name>', 'onnx or tfjs (default: the fastest that is there)')
    .option('--device <name>', 'cpu, webgpu, cuda …')
    .option('--batch-size <n>', 'pictures a step', wholeNumber('--batch-size', { minimum: 1, maximum: 65_536 }))
    .option(
      '--images <n>',
      'pictures to see in all',
      wholeNumber('--images', { minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    )
    .option('--seed <n>', 'seed', wholeNumber('--seed', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
    .option('--size <n>', 'width and height in pixels', wholeNumber('--size', { minimum: 8, maximum: 2048 }))
    .action(async (flags: TrainFlags) => {
      const { trainCommand: run } = await importTrainer(part);
      const { signal, interactive } = terminal;
      await run({
        ...flags,
        signal,
        interactive,
        result: (line) => terminal.result(line),
        note: (line) => terminal.note(line),
      });
      signal.throwIfAborted();
    });
}

async function importTrainer(part: TrainablePart): Promise<TrainModule> {
  const specifier: string = TRAIN_MODULES[part];
  const module = (await import(specifier).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw cause;
    throw notThere(part, cause);
  })) as Partial<TrainModule>;
  if (module.trainCommand === undefined) throw notThere(part);
  return { trainCommand: module.trainCommand };
}

function notThere(part: TrainablePart, cause?: unknown): LascauxError {
  return new LascauxError({
    operation: `train ${part}`,
    rule: 'this part cannot be trained yet: its module must export trainCommand',
    value: TRAIN_MODULES[part],
    cause,
  });
}
