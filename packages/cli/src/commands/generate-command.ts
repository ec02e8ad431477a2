import { BUNDLED_MODEL } from '@lascaux/models/naming';
import { GENERATE_OPTIONS, checkNeeds, imageFormatOf } from '@lascaux/pipeline/options';
import { check } from '@lascaux/nn';
import { Command } from 'commander';
import { isBatch, type BatchFlags } from '../batch/batch-flags.js';
import { bundledSettings } from './bundled-settings.js';
import { flagOf } from './flag-of.js';
import { addLora } from './lora-flag.js';
import { optionFlags, optionsOfFlags, type GenerateFlags } from './generate-flags.js';
import type { Terminal } from './terminal.js';

/** The flags that are no options of a call, with commander's names. */
type OwnFlags = Omit<GenerateFlags, 'options'>;

/** `generate PROMPT`: reads and checks the flags; nothing is loaded before they are right. */
export function generateCommand(terminal: Terminal): Command {
  const command = new Command('generate')
    .description('paint a picture of a prompt')
    .argument('[prompt]', GENERATE_OPTIONS.prompt.help)
    .option(
      '-o, --out <file>',
      'picture to write: .png, .jpg or .webp (default: named after prompt and seed); of several, NAME-1, NAME-2 …',
      readOut,
    )
    .option(
      '-m, --model <model>',
      'model folder or file, or owner/name[@revision] on the hub (default: the bundled lascaux-mini)',
    )
    .option(
      '--vae <dir>',
      "autoencoder in place of the model's own, of the same latents, such as taesd: a folder, or owner/name on the hub",
    )
    .option('--lora <file[:strength]>', 'LoRA to add to the weights, again for each further one', addLora)
    .option('--lora-dir <dir>', 'folder in which <lora:name:strength> of the prompt is looked up');
  for (const flag of optionFlags) command.addOption(flag);
  return command
    .option(
      '--grid <axis...>',
      'paint every combination of values, e.g. steps=4,8 guidance=1,3 seed=1..4, and a sheet of all',
    )
    .option('--matrix', 'paint every combination of the alternatives {a|b} of the prompt')
    .option(
      '--prompts <file>',
      'paint the prompts of a file, a line each: texts, or JSON objects with options of their own',
    )
    .option('--wildcards <dir>', 'put a line of DIR/name.txt, drawn by the seed, in place of __name__')
    .option('--device <name>', 'execution provider: cpu, webgpu, cuda …', 'cpu')
    .option('--variant <name>', 'weights of a model of the hub where there are several, e.g. fp16')
    .option('--offline', 'take a model of the hub from the cache only')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', bundledDefaults)
    .action(async (given: string | undefined, parsed: OwnFlags & BatchFlags & Readonly<Record<string, unknown>>) => {
      const prompt = promptOf(given, parsed);
      const { out, model, vae, lora = [], loraDir, device, variant, offline, json } = parsed;
      const named = loraDir === undefined ? { prompt, loras: [] } : await lorasNamed(prompt, loraDir);
      const options = optionsOfFlags(named.prompt, parsed);
      checkNeeds(options);
      const loras = [...lora, ...named.loras];
      const flags = { options, out, model, vae, lora: loras, device, variant, offline, json };
      if (isBatch(parsed)) {
        const { runBatch } = await import('../batch/run-batch.js');
        return runBatch(flags, parsed, terminal);
      }
      const { runGenerate } = await import('./run-generate.js');
      await runGenerate(flags, terminal);
    });
}

/** The prompt, which only a file of prompts can stand in for. */
function promptOf(given: string | undefined, { prompts }: BatchFlags): string {
  check((given === undefined) !== (prompts === undefined), {
    operation: 'generate',
    rule: given === undefined ? 'needs a prompt' : 'takes a prompt or --prompts, not both',
    accepted: 'lascaux generate "a cat"',
    kind: 'usage',
  });
  return given ?? '';
}

/** The LoRAs that a prompt names; how they are found is loaded only where a folder is named. */
const lorasNamed = async (prompt: string, folder: string) =>
  (await import('./lora-tags.js')).lorasOfPrompt(prompt, folder);

/** What "the model's" means for the bundled one. */
function bundledDefaults(): string {
  const settings = Object.entries(bundledSettings()).filter(([, value]) => value !== undefined);
  const named = settings.map(([option, value]) => `${flagOf(option).slice('--'.length)} ${value}`);
  const ofOthers = '`lascaux info MODEL` shows those of another model.';
  return named.length === 0 ? `\n${ofOthers}` : `\nDefaults of ${BUNDLED_MODEL}: ${named.join(', ')}. ${ofOthers}`;
}

function readOut(path: string): string {
  imageFormatOf(path);
  return path;
}
