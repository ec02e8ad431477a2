import type { LoraChoice } from '@lascaux/models/lora';
import { generateOptions, readOption, type GenerateOption, type GenerateOptions } from '@lascaux/pipeline/options';
import { Option } from 'commander';
import { flagOf } from './flag-of.js';

/** The options of a call as flags hand them over: images as files. */
export type FlaggedOptions = Omit<GenerateOptions, 'image' | 'mask'> & {
  readonly image?: string;
  readonly mask?: string;
};

/** The flags of `generate`, already checked one by one. */
export interface GenerateFlags {
  readonly options: FlaggedOptions;
  readonly out?: string;
  readonly model?: string;
  /** Folder of an autoencoder in place of the model's own. */
  readonly vae?: string;
  /** LoRAs in the order in which they are added. */
  readonly lora?: readonly LoraChoice[];
  /** Folder of the LoRAs that a prompt names. */
  readonly loraDir?: string;
  readonly device: string;
  /** For a model of the hub: which weights. */
  readonly variant?: string;
  /** For a model of the hub: the cache alone. */
  readonly offline?: true;
  readonly json: boolean;
}

/** Flags of one letter. */
const SHORT: Readonly<Record<string, string>> = {
  negativePrompt: '-n',
  guidanceScale: '-g',
  seed: '-s',
  width: '-W',
  height: '-H',
  count: '-c',
};

const flags = generateOptions
  .filter(([name]) => name !== 'prompt')
  .map(([name, row]) => {
    const long = `${flagOf(name)} <${row.placeholder}>`;
    const flag = new Option(SHORT[name] === undefined ? long : `${SHORT[name]}, ${long}`, helpOf(row));
    return { name, flag: row.fromText === undefined ? flag : flag.argParser((text) => readOption(name, text)) };
  });

/** A flag for every option of a call but the prompt, from the library's table. */
export const optionFlags: readonly Option[] = flags.map(({ flag }) => flag);

/** The options of a call that a prompt and flags make, under the library's names. */
export const optionsOfFlags = (prompt: string, parsed: Readonly<Record<string, unknown>>): FlaggedOptions => ({
  prompt,
  ...Object.fromEntries(flags.map(({ name, flag }) => [name, parsed[flag.attributeName()]])),
});

function helpOf({ help, default: usual }: GenerateOption): string {
  const isFixed = typeof usual === 'number' || (typeof usual === 'string' && usual !== '');
  return isFixed ? `${help} (default: ${usual})` : help;
}
