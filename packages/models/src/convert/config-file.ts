import { readFile } from 'node:fs/promises';
import { check, LascauxError, readJson } from '@lascaux/nn';
import type { JsonObject } from './component-kinds.js';

/** A config and its text. */
export interface ConfigFile {
  readonly json: JsonObject;
  readonly text: string;
}

/** Reads a component's config. @throws {LascauxError} when it is missing or no JSON object */
export async function readConfig(path: string): Promise<ConfigFile> {
  const config = await readJson(path, (json) => json);
  const isObject = typeof config === 'object' && config !== null && !Array.isArray(config);
  check(isObject, { operation: path, rule: config === undefined ? 'is missing' : 'must be a JSON object' });
  return { json: config as JsonObject, text: await readFile(path, 'utf8') };
}

/**
 * The text of a config with more keys. What was there stays as it was written: Python's libraries tell 1.0 from 1, which a round trip through
 * JavaScript's numbers does not.
 */
export function configText({ json, text }: ConfigFile, facts: JsonObject = {}): string {
  const keys = Object.keys(facts);
  if (keys.length === 0) return text;
  if (Object.keys(json).length === 0 || keys.some((key) => key in json))
    return `${JSON.stringify({ ...json, ...facts }, null, 2)}\n`;
  const lines = keys.map((key) => `  ${JSON.stringify(key)}: ${JSON.stringify(facts[key])},\n`).join('');
  return text.replace('{', `{\n${lines.trimEnd()}`);
}

/**
 * The class that a config names: diffusers' `_class_name`, or the first of transformers' `architectures`.
 * @param path names the file in errors
 * @throws {LascauxError} when it names none
 */
export function classOf(config: JsonObject, path: string): string {
  const [architecture] = Array.isArray(config.architectures) ? (config.architectures as unknown[]) : [];
  const name = config._class_name ?? architecture;
  if (typeof name !== 'string')
    throw new LascauxError({ operation: path, rule: 'must name its class in _class_name or architectures' });
  return name;
}
