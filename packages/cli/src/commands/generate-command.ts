import { Command } from 'commander';
import { samplerNames } from '@lascaux/diffusion';
import { BUNDLED_MODEL } from '@lascaux/models/naming';
import { LascauxError } from '@lascaux/nn';
import type { PromptSyntax } from '@lascaux/text-encoder';
import {
  OPTION_RANGES,
  PROMPT_SYNTAXES,
  checkScheduler,
  imageFormatOf,
  type PictureSize,
} from '@lascaux/pipeline/options';
import { bundledSettings } from './bundled-settings.js';
import { anyNumber, numberPair, oneOf, wholeNumber } from './option-values.js';
import type { GenerateFlags } from './generate-flags.js';
import type { Terminal } from './terminal.js';

const { seed, steps, guidance, width, height, count } = OPTION_RANGES;
const { 'guidance-rescale': rescale, 'clip-skip': clipSkip } = OPTION_RANGES;

/** What the command line hands over, with commander's names. */
interface ParsedFlags {
  out?: string;
  model?: string;
  vae?: string;
  negative?: string;
  seed: number;
  steps?: number;
  guidance?: number;
  guidanceRescale?: number;
  clipSkip?: number;
  promptSyntax?: PromptSyntax;
  originalSize?: PictureSize;
  crop?: { left: number; top: number };
  targetSize?: PictureSize;
  scheduler?: string;
  width?: number;
  height?: number;
  count: number;
  device: string;
  image?: string;
  strength?: number;
  mask?: string;
  variant?: string;
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
    .option(
      '--vae <dir>',
      "autoencoder in place of the model's own, of the same latents, such as taesd: a folder, or owner/name on the hub",
    )
    .option('-n, --negative <text>', 'what to steer away from')
    .option(
      '-s, --seed <n>',
      'seed of the first picture; -1 draws one',
      wholeNumber('--seed', { ...seed, minimum: -1 }),
      0,
    )
    .option('--steps <n>', "sampling steps (default: the model's)", wholeNumber('--steps', steps))
    .option('-g, --guidance <w>', "guidance scale, 1 is off (default: the model's)", anyNumber('--guidance', guidance))
    .option(
      '--guidance-rescale <x>',
      'how far to undo what guidance does to contrast, 0 to 1 (default: 0)',
      anyNumber('--guidance-rescale', rescale),
    )
    .option(
      '--clip-skip <n>',
      "which of the text encoder's last layers to take, counted as AUTOMATIC1111 does (default: 1)",
      wholeNumber('--clip-skip', clipSkip),
    )
    .option(
      '--prompt-syntax <name>',
      `${PROMPT_SYNTAXES.join(', ')}: weights such as (word:1.2), BREAK and long prompts, or every character as it is (default: a1111)`,
      oneOf('--prompt-syntax', PROMPT_SYNTAXES),
    )
    .option(
      '--original-size <WxH>',
      'SDXL: size of the picture that it pretends to come from',
      readSize('--original-size'),
    )
    .option('--crop <X,Y>', 'SDXL: left and top of where it pretends to be cut out', readCrop)
    .option('--target-size <WxH>', 'SDXL: size that it pretends to have', readSize('--target-size'))
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
    .option('--variant <name>', 'weights of a model of the hub where there are several, e.g. fp16')
    .option('--offline', 'take a model of the hub from the cache only')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', bundledDefaults)
    .action(async (prompt: string, flags: ParsedFlags) => {
      checkImageFlags(flags);
      const { runGenerate } = await import('./run-generate.js');
      await runGenerate({ prompt, ...flags } satisfies GenerateFlags, terminal);
    });
}

/** What "the model's" means for the bundled one. */
function bundledDefaults(): string {
  const settings = bundledSettings();
  const named = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  const ofOthers = '`lascaux info MODEL` shows those of another model.';
  return named.length === 0 ? `\n${ofOthers}` : `\nDefaults of ${BUNDLED_MODEL}: ${named.join(', ')}. ${ofOthers}`;
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

const readSize =
  (flag: string) =>
  (text: string): PictureSize => {
    const [width, height] = numberPair(flag, 'x', text);
    return { width, height };
  };

function readCrop(text: string): { left: number; top: number } {
  const [left, top] = numberPair('--crop', ',', text);
  return { left, top };
}
