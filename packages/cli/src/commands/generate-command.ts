import { BUNDLED_MODEL } from '@lascaux/models/naming';
import { GENERATE_OPTIONS, checkNeeds, imageFormatOf } from '@lascaux/pipeline/options';
import { Command } from 'commander';
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
    .argument('<prompt>', GENERATE_OPTIONS.prompt.help)
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
    .option('--device <name>', 'execution provider: cpu, webgpu, cuda …', 'cpu')
    .option('--variant <name>', 'weights of a model of the hub where there are several, e.g. fp16')
    .option('--offline', 'take a model of the hub from the cache only')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', bundledDefaults)
    .action(async (prompt: string, parsed: OwnFlags & Readonly<Record<string, unknown>>) => {
      const { out, model, vae, lora = [], loraDir, device, variant, offline, json } = parsed;
      const named = loraDir === undefined ? { prompt, loras: [] } : await lorasNamed(prompt, loraDir);
      const options = optionsOfFlags(named.prompt, parsed);
      checkNeeds(options);
      const { runGenerate } = await import('./run-generate.js');
      const loras = [...lora, ...named.loras];
      await runGenerate({ options, out, model, vae, lora: loras, device, variant, offline, json }, terminal);
    });
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
