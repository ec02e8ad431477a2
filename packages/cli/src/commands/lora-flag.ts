import { basename } from 'node:path';
import type { LoraChoice } from '@lascaux/models/lora';
import { check } from '@lascaux/nn';

/** Strengths beyond which no picture is left. */
const STRONGEST = 10;

/** One `--lora FILE[:STRENGTH]` more; a colon with something else than a number behind it belongs to the path. */
export function addLora(text: string, before: readonly LoraChoice[] = []): readonly LoraChoice[] {
  const [, path = text, number] = /^(.+):([+-]?(?:\d+\.?\d*|\.\d+))$/.exec(text) ?? [];
  if (number === undefined) return [...before, { path }];
  const strength = Number(number);
  check(Math.abs(strength) <= STRONGEST, {
    operation: '--lora',
    rule: `the strength must be a number from -${STRONGEST} to ${STRONGEST}`,
    value: number,
    kind: 'usage',
  });
  return [...before, { path, strength }];
}

/** LoRAs as the settings of an image name them. */
export const lorasText = (loras: readonly LoraChoice[]): string | undefined =>
  loras.length === 0
    ? undefined
    : loras.map(({ path, strength = 1 }) => `${basename(path).replace(/\.\w+$/, '')}: ${strength}`).join(', ');
