import { check, LascauxError, limits, parseJson, readTextFile } from '@lascaux/nn';
import { checkOption, type GenerateOptionName } from '@lascaux/pipeline/options';
import type { FlaggedOptions } from '../commands/generate-flags.js';
import { optionCalled } from './grid-axes.js';

/** A line of a list: a prompt, and what else it says. */
export type ListedPrompt = Partial<FlaggedOptions> & { readonly prompt: string };

const FLAG = '--prompts';

/**
 * The prompts of a file, a line each: texts, or JSON objects with `prompt` and any option by its flag's or the library's name.
 * Empty lines and those that begin with # are left out.
 * @throws {LascauxError} (usage) naming the line that is wrong
 */
export async function readPromptList(path: string): Promise<readonly ListedPrompt[]> {
  const text = await readTextFile(path, limits.wordListBytes);
  check(text !== undefined, { operation: FLAG, rule: 'no such file', value: path, kind: 'usage' });
  const lines = text.replace(/^\uFEFF/u, '').split(/\r?\n/u);
  const listed = lines.flatMap((line, index) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('#') ? [] : [promptOf(trimmed, `${FLAG}: line ${index + 1}`)];
  });
  check(listed.length > 0, { operation: FLAG, rule: 'must hold at least one prompt', value: path, kind: 'usage' });
  return listed;
}

function promptOf(line: string, where: string): ListedPrompt {
  if (!line.startsWith('{') && !line.startsWith('"')) return { prompt: line };
  // A matrix may begin a text, too: `{red|blue} cats`.
  if (line.startsWith('{') && !/^\{\s*["}]/u.test(line)) return { prompt: line };
  const value = parseJson(line, { name: where });
  if (typeof value === 'string') return { prompt: value };
  check(typeof value === 'object' && value !== null, {
    operation: where,
    rule: 'must be a text or an object',
    value: line,
    kind: 'usage',
  });
  const { prompt, ...others } = value as Readonly<Record<string, unknown>>;
  check(typeof prompt === 'string', {
    operation: where,
    rule: 'must have a text under "prompt"',
    value: line,
    kind: 'usage',
  });
  const options = Object.entries(others).map(([written, given]) => {
    const { option } = optionCalled(written, where);
    checkNamed(option, given, where);
    return [option, given] as const;
  });
  return { prompt, ...Object.fromEntries(options) };
}

/** Checks a value; an error names the line. */
function checkNamed(option: GenerateOptionName, value: unknown, where: string): void {
  try {
    checkOption(option, value);
  } catch (cause) {
    if (!(cause instanceof LascauxError)) throw cause;
    const { rule, accepted } = cause;
    throw new LascauxError({ operation: where, rule: `${option} ${rule}`, value, accepted, kind: 'usage', cause });
  }
}
