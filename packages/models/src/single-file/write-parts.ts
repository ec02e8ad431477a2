import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check, LascauxError, writeFileAtomically } from '@lascaux/nn';
import { saveTokenizer } from '@lascaux/text-encoder';
import { publishedClipVocabulary } from '@lascaux/text-encoder/published';
import { copyFiles } from '../convert/copy-files.js';
import { isFolder } from '../folder/is-folder.js';
import type { CheckpointFamily } from './checkpoint-family.js';

const CLIP = 'CLIPTokenizer';
const CLIP_VOCABULARY = 49408;
const CLIP_LENGTH = 77;

/** The tokenizers and the scheduler of a checkpoint, which its file lacks. */
interface SmallParts {
  /** Names the file in errors. */
  readonly operation: string;
  readonly family: CheckpointFamily;
  readonly base: string | undefined;
  /** Networks that are left out, with their tokenizers. */
  readonly absent: readonly string[];
}

type Tokenizer = CheckpointFamily['tokenizers'][string];

/** Whether a tokenizer can be had without a base folder. */
const isPublished = ({ networks }: CheckpointFamily, { of, className }: Tokenizer): boolean =>
  className === CLIP && networks[of]?.config.vocab_size === CLIP_VOCABULARY;

/** @throws {LascauxError} (usage) naming a tokenizer that neither the base folder nor this package holds */
export async function checkTokenizers({ operation, family, base, absent }: SmallParts): Promise<void> {
  for (const [name, tokenizer] of Object.entries(family.tokenizers)) {
    const isThere = base !== undefined && (await isFolder(join(base, name)));
    check(isThere || absent.includes(tokenizer.of) || isPublished(family, tokenizer), {
      option: 'base',
      rule: `must be a model folder with ${name}, which ${operation} needs; only CLIP's tokenizer is brought along`,
      value: base,
      kind: 'usage',
    });
  }
}

/** Writes tokenizers and scheduler: the base's, or those that diffusers gives to the family. */
export async function writeSmallParts(folder: string, { operation, family, base, absent }: SmallParts): Promise<void> {
  for (const [name, tokenizer] of Object.entries(family.tokenizers)) {
    if (absent.includes(tokenizer.of)) continue;
    const [from, to] = [join(base ?? '', name), join(folder, name)];
    if (base !== undefined && (await isFolder(from))) {
      await copyFiles(from, to);
      continue;
    }
    const vocabulary = await publishedClipVocabulary();
    const padId = vocabulary.vocab.get(tokenizer.pad ?? '');
    if (padId === undefined)
      throw new LascauxError({ operation, rule: 'the vocabulary lacks the padding token', value: tokenizer.pad });
    await saveTokenizer(to, { ...vocabulary, maxLength: CLIP_LENGTH, padId });
  }
  const [from, to] = [join(base ?? '', 'scheduler'), join(folder, 'scheduler')];
  if (base !== undefined && (await isFolder(from))) {
    await copyFiles(from, to);
    return;
  }
  await mkdir(to);
  await writeFileAtomically(
    join(to, 'scheduler_config.json'),
    `${JSON.stringify({ _diffusers_version: '0.35.0', ...family.scheduler }, null, 2)}\n`,
  );
}
