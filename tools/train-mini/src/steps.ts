import { join } from 'node:path';

/** What the chain makes, and how much of it. */
export interface ChainOptions {
  /** Folder of the scenes. */
  readonly data: string;
  /** Folder of the run folders. */
  readonly runs: string;
  readonly scenes: number;
  readonly imagesVae: number;
  readonly imagesTextEncoder: number;
  readonly imagesDenoiser: number;
  /** Pictures for the decoder's last polish, with the encoder frozen. */
  readonly imagesDecoder: number;
  /** Threads of the engine; default: its own. */
  readonly threads?: number;
}

/** One command of the chain. */
export interface ChainStep {
  readonly name: string;
  readonly program: 'scenes' | 'lascaux';
  readonly argv: readonly string[];
  /** The step is done when this is there; trainings find out by themselves. */
  readonly product?: string;
}

/** The commands that make the bundled model, in order. Each may be run again: it goes on where it stopped. */
export function trainingSteps(options: ChainOptions): readonly ChainStep[] {
  const { data, runs, threads } = options;
  const out = (name: string): string => join(runs, name);
  const common = [
    '--data',
    join(data, 'train'),
    '--resume',
    ...(threads === undefined ? [] : ['--threads', `${threads}`]),
  ];
  const train = (name: string, part: string, rest: readonly string[]): ChainStep => ({
    name,
    program: 'lascaux',
    argv: ['train', part, '--out', out(name), ...common, ...rest],
  });
  const stages = ['--vae', out('vae'), '--text-encoder', out('text-encoder')];
  return [
    {
      name: 'scenes',
      program: 'scenes',
      argv: ['--out', data, '--count', `${options.scenes}`, '--seed', '1', '--jitter', '0.35'],
      product: join(data, 'scenes.json'),
    },
    train('vae', 'vae', ['--images', `${options.imagesVae}`]),
    train('text-encoder', 'text-encoder', ['--images', `${options.imagesTextEncoder}`]),
    train('denoiser', 'denoiser', [...stages, '--images', `${options.imagesDenoiser}`]),
    train('decoder', 'vae', [
      ...['--initial', out('vae'), '--freeze-encoder', '--rate', '0.002', '--images', `${options.imagesDecoder}`],
    ]),
  ];
}
