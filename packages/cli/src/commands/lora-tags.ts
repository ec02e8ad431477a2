import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { LoraChoice } from '@lascaux/models/lora';
import { LascauxError, nearestText } from '@lascaux/nn';
import { addLora } from './lora-flag.js';

/** AUTOMATIC1111's `<lora:NAME:STRENGTH>`; further numbers, for blocks and text encoders, are not read. */
const TAG = /<lora:([^<>:]+)(?::([^<>:]*))?>/gu;
const ENDING = /\.(safetensors|pt|ckpt|bin)$/;
/** Changes of a letter up to which a name is offered in place of another. */
const NEAR = 3;

async function fileOf(folder: string, name: string): Promise<string> {
  const files = await readdir(folder, { recursive: true }).catch(() => undefined);
  if (files === undefined)
    throw new LascauxError({
      operation: '--lora-dir',
      rule: 'must be a folder of LoRAs',
      value: folder,
      kind: 'usage',
    });
  const stems = new Map(files.filter((file) => ENDING.test(file)).map((file) => [file.replace(ENDING, ''), file]));
  const wanted = name.replace(ENDING, '');
  const found = [...stems.keys()].find((stem) => stem === wanted || basename(stem) === wanted);
  if (found !== undefined) return join(folder, stems.get(found)!);
  const near = nearestText(name, stems.keys(), NEAR);
  throw new LascauxError({
    operation: `<lora:${name}>`,
    rule: `there is no such file in ${folder}${near === undefined ? '' : ` (nearest: ${near})`}`,
    kind: 'usage',
  });
}

/**
 * Takes LoRAs out of a prompt.
 * @param folder that they are looked up in, with the folders in it
 * @throws {LascauxError} (usage) naming a LoRA that is not there, or a strength that is no number
 */
export async function lorasOfPrompt(
  prompt: string,
  folder: string,
): Promise<{ readonly prompt: string; readonly loras: readonly LoraChoice[] }> {
  let loras: readonly LoraChoice[] = [];
  for (const [tag, name = '', strength = '1'] of prompt.matchAll(TAG)) {
    const path = await fileOf(folder, name);
    const longer = addLora(`${path}:${strength}`, loras);
    if (longer.at(-1)!.path !== path)
      throw new LascauxError({ operation: tag, rule: 'the strength must be a number', value: strength, kind: 'usage' });
    loras = longer;
  }
  return { prompt: prompt.replace(TAG, '').replace(/ {2,}/g, ' ').trim(), loras };
}
