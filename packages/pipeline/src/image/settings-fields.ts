import { parseLooseJson } from '@lascaux/nn';
import type { ImageSettings } from './image-settings.js';

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, Json>>;

/** The value of a text of JSON; undefined for any other, and for none. */
export function parsed(text: string | undefined): Json | undefined {
  if (text === undefined || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseLooseJson(text) as Json;
  } catch {
    return undefined;
  }
}

/** Whether a value of JSON is an object. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text under a key, if it is one. */
export function textAt(fields: JsonObject, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' ? value : undefined;
}

/** What programs say of a picture, under our names. */
type PlainFields = Readonly<
  Record<
    'prompt' | 'negativePrompt' | 'steps' | 'sampler' | 'guidance' | 'seed' | 'width' | 'height' | 'model',
    Json | undefined
  >
>;

const plain = (value: Json | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** Settings under AUTOMATIC1111's names; what is neither text nor number is left out. */
export function settingsOf(program: string, fields: PlainFields): ImageSettings {
  const [width, height] = [plain(fields.width), plain(fields.height)];
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['Steps', plain(fields.steps)],
    ['Sampler', plain(fields.sampler)],
    ['CFG scale', plain(fields.guidance)],
    ['Seed', plain(fields.seed)],
    ['Size', width !== undefined && height !== undefined ? `${width}x${height}` : undefined],
    ['Model', plain(fields.model)],
  ];
  const values = Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
  return { program, prompt: plain(fields.prompt) ?? '', negativePrompt: plain(fields.negativePrompt) ?? '', values };
}
