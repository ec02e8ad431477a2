import { Command } from 'commander';
import { samplerNames } from '@lascaux/diffusion';
import { LascauxError } from '@lascaux/nn';
import { OPTION_RANGES, checkScheduler } from '../generate-options.js';
import { imageFormatOf } from '../image/image-format.js';
import { anyNumber, wholeNumber } from './option-values.js';
import type { GenerateFlags } from './run-generate.js';
import type { Terminal } from './terminal.js';

const { seed, steps, guidance, width, height, count } = OPTION_RANGES;

/** What the command line hands over, with commander's names. */
interface ParsedFlags {
  out?: string;
  model?: string;
  negative: string;
  seed: number;
  steps?: number;
  guidance?: number;
  scheduler?: string;
  width?: number;
  height?: number;
  count: number;
  device: string;
  image?: string;
  strength?: number;
  mask?: string;
  offline?: true;
  json: boolean;
}

/** `generate PROMPT`: reads and checks the flags; nothing is loaded before they are right. */
export function generateCommand(terminal: Terminal): Command {
  return new Command('generate')
    .description('paint a picture of a prompt')
    .argument('<prompt>', 'what to paint')
    .option('-o, --out <file>', 'picture to write: .png, .jpg or .webp (default: named after prompt and seed)', readOut)
    .option(
      '-m, --model <model>',
      'model folder, or owner/name[@revision] on the hub (default: the bundled lascaux-mini)',
    )
    .option('-n, --negative <text>', 'what to steer away from', '')
    .option(
      '-s, --seed <n>',
      'seed of the first picture; -1 draws one',
      wholeNumber('--seed', { ...seed, minimum: -1 }),
      0,
    )
    .option('--steps <n>', "sampling steps (default: the model's)", wholeNumber('--steps', steps))
    .option('-g, --guidance <w>', "guidance scale, 1 is off (default: the model's)", anyNumber('--guidance', guidance))
    .option('--scheduler <name>', `sampler: ${samplerNames.join(', ')} (default: the model's)`, readScheduler)
    .option('-W, --width <n>', "pixels (default: the model's)", wholeNumber('--width', width))
    .option('-H, --height <n>', "pixels (default: the model's)", wholeNumber('--height', height))
    .option(
      '-c, --count <n>',
      'pictures, of seeds N, N+1 …, written to NAME-1, NAME-2 …',
      wholeNumber('--count', count),
      1,
    )
    .option('--device <name>', 'execution provider: cpu, webgpu, cuda …', 'cpu')
    .option('--image <file>', 'picture to start from')
    .option(
      '--strength <s>',
      'how much of it to repaint, 0 to 1 (default: 0.8, with --mask 1)',
      anyNumber('--strength', { minimum: 0, maximum: 1 }),
    )
    .option('--mask <file>', 'where to repaint it: white')
    .option('--offline', 'take a model of the hub from the cache only')
    .option('--json', 'print one JSON object', false)
    .action(async (prompt: string, flags: ParsedFlags) => {
      checkImageFlags(flags);
      const { runGenerate } = await import('./run-generate.js');
      await runGenerate({ prompt, ...flags } satisfies GenerateFlags, terminal);
    });
}

function readOut(path: string): string {
  imageFormatOf(path);
  return path;
}

function readScheduler(name: string): string {
  checkScheduler(name, (option) => `--${option}`);
  return name;
}

function checkImageFlags({ image, strength, mask }: ParsedFlags): void {
  const value = mask ?? strength;
  if (image !== undefined || value === undefined) return;
  const operation = mask === undefined ? '--strength' : '--mask';
  throw new LascauxError({ operation, rule: 'needs --image, the picture to start from', value, kind: 'usage' });
}
