import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '@lascaux/nn';
import type { Family, TextComponent, TextNeed } from '../family/family.js';
import type { ModelIndex } from './model-index.js';

/** Folder of each part, as absolute paths. */
export interface ModelParts {
  readonly textEncoders: readonly TextPart[];
  /** `unet/` or `transformer/`. */
  readonly denoiser: string;
  readonly vaeDecoder: string;
  /** Needed only to start from a picture. */
  readonly vaeEncoder?: string;
  readonly scheduler: string;
}

/** A text encoder's folder and its tokenizer's. */
export interface TextPart extends TextNeed {
  readonly folder: string;
  readonly tokenizer: string;
}

/** Parts of `model_index.json` that painting does without. */
const ignoredParts = [
  'safety_checker',
  'feature_extractor',
  'image_encoder',
  'vae',
  'vae_encoder',
  'vae_decoder',
  'watermarker',
];
const usedParts = ['scheduler', 'unet', 'transformer', 'tokenizer', 'tokenizer_2', 'tokenizer_3'];

/**
 * Finds every part that painting needs, and that no part is there which it would leave out.
 * @throws LascauxError naming the part that is missing or unexpected.
 */
export async function findParts(
  path: string,
  { index, family, denoiser }: { index: ModelIndex; family: Family; denoiser: string },
): Promise<ModelParts> {
  checkExpected(path, index, family);
  const hasEncoder = await exists(join(path, 'vae_encoder', 'model.onnx'));
  return {
    textEncoders: await findTextParts(path, index, family),
    denoiser: await requireGraph(path, denoiser),
    vaeDecoder: await requireGraph(path, 'vae_decoder'),
    scheduler: await requirePart(path, 'scheduler', ['scheduler_config.json']),
    ...(hasEncoder ? { vaeEncoder: join(path, 'vae_encoder') } : {}),
  };
}

function checkExpected(path: string, { components, className }: ModelIndex, family: Family): void {
  const texts: readonly string[] = family.texts.map(({ component }) => component);
  const accepted = [...usedParts, ...texts, ...ignoredParts];
  const unexpected = Object.keys(components).find((name) => !accepted.includes(name));
  check(unexpected === undefined, {
    operation: join(path, 'model_index.json'),
    rule: `${className} has a part that ${family.name} does not know`,
    value: unexpected,
    accepted,
  });
}

async function findTextParts(path: string, { components }: ModelIndex, family: Family): Promise<TextPart[]> {
  const needed = family.texts.filter(
    ({ component, optional }) => optional !== true || components[component] !== undefined,
  );
  return Promise.all(
    needed.map(async (need) => ({
      ...need,
      folder: await requireGraph(path, need.component),
      tokenizer: await requirePart(path, tokenizerOf(need.component), rootFiles[need.component]),
    })),
  );
}

const tokenizerOf = (component: TextComponent): string => component.replace('text_encoder', 'tokenizer');

/** Some exports keep the first tokenizer's files in the root. */
const rootFiles: Readonly<Record<TextComponent, readonly string[]>> = {
  text_encoder: ['tokenizer_config.json', 'vocab.json'],
  text_encoder_2: [],
  text_encoder_3: [],
};

/** The folder of a part; some exports keep the tokenizer's and the scheduler's files in the root instead. */
async function requirePart(path: string, name: string, filesInRoot: readonly string[] = []): Promise<string> {
  const folder = join(path, name);
  const facts = await stat(folder).catch(() => undefined);
  if (facts?.isDirectory() === true) return folder;
  const found = await Promise.all(filesInRoot.map((file) => exists(join(path, file))));
  check(found.includes(true), {
    operation: 'model',
    rule: `part ${name} is missing`,
    value: folder,
    accepted: `a folder ${name}/ beside model_index.json`,
  });
  return path;
}

async function requireGraph(path: string, name: string): Promise<string> {
  const folder = await requirePart(path, name);
  const file = join(folder, 'model.onnx');
  check(await exists(file), { operation: 'model', rule: `part ${name} must hold its graph`, value: file });
  return folder;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
