import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { LascauxError, check, printable } from '@lascaux/nn';
import type { Terminal } from './terminal.js';

/** The flags of `info`. */
interface InfoFlags {
  readonly json: boolean;
  readonly offline?: true;
  readonly words: boolean;
}

/** `info [PATH]`: what a picture says about how it was painted, or what a model holds. */
export function infoCommand(terminal: Terminal): Command {
  return new Command('info')
    .description('show the settings inside a picture, or what a model holds')
    .argument('[path]', 'picture, model folder, or owner/name[@revision] on the hub (default: the bundled model)')
    .option('--offline', 'take a model of the hub from the cache only')
    .option('--words', 'list the words that a model has learned, with what it paints for them', false)
    .option('--json', 'print one JSON object', false)
    .action(async (path: string | undefined, { json, offline, words }: InfoFlags) => {
      if (words) return listWords(path, { json, offline, terminal }).catch(nameArgument);
      const facts = await gather(path, { terminal, offline }).catch(nameArgument);
      terminal.result(json ? JSON.stringify(facts) : formatFacts(facts));
    });
}

/** A model is named by the argument here, where other commands have `--model`. */
function nameArgument(error: unknown): never {
  if (!(error instanceof LascauxError) || error.option !== 'model') throw error;
  throw new LascauxError({ ...error, operation: 'info', option: undefined, cause: error });
}

/** One line a word, with what is painted for it where it is a thing. */
async function listWords(
  path: string | undefined,
  { json, offline, terminal }: { json: boolean; offline: true | undefined; terminal: Terminal },
): Promise<void> {
  const { modelOfFlag } = await import('./model-of-flag.js');
  const { readKnownWords } = await import('@lascaux/models');
  const folder = await modelOfFlag(path, terminal, { offline });
  const words = await readKnownWords(folder);
  check(words !== undefined, {
    operation: '--words',
    rule: 'this model has no list of words: it knows all words a little',
    value: path ?? folder,
    kind: 'usage',
  });
  const meanings = [...words.meanings];
  terminal.result(
    json
      ? JSON.stringify(Object.fromEntries(meanings))
      : meanings.map(([word, meaning]) => printable(meaning === '' ? word : `${word} → ${meaning}`)).join('\n'),
  );
}

async function gather(
  path: string | undefined,
  { terminal, offline }: { terminal: Terminal; offline?: true },
): Promise<object> {
  const entry = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (entry?.isFile() === true && path !== undefined) return pictureFacts(path);
  const { modelOfFlag } = await import('./model-of-flag.js');
  const { modelFacts } = await import('./model-facts.js');
  check(path === undefined || entry !== undefined || !/^[./\\]|\.(png|jpe?g|webp)$/i.test(path), {
    operation: 'info',
    rule: 'no such file or folder',
    value: path,
    accepted: ['a picture (png, jpg, webp)', 'a model folder', 'owner/name[@revision] on the hub'],
    kind: 'usage',
  });
  return modelFacts(await modelOfFlag(path, terminal, { offline }));
}

async function pictureFacts(path: string): Promise<object> {
  const { readImageInformation } = await import('@lascaux/pipeline/image');
  const { settings, texts, parameters: _, ...information } = await readImageInformation(path);
  const unread = settings === undefined && Object.keys(texts).length > 0 ? { texts } : {};
  return { path, ...information, ...settings, ...unread };
}

/** One line a fact, whatever a picture says; nested facts are indented under their name. */
function formatFacts(facts: object, indent = ''): string {
  return Object.entries(facts)
    .flatMap(([name, value]: [string, unknown]) => {
      if (typeof value !== 'object' || value === null) return `${indent}${printable(`${name}: ${String(value)}`)}`;
      return [`${indent}${printable(name)}:`, formatFacts(value, `${indent}  `)];
    })
    .join('\n');
}
