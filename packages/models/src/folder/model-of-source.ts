import { parseSchedulerConfig } from '@lascaux/diffusion';
import { LascauxError, check, parseJson, sourceText, type ModelSource } from '@lascaux/nn';
import { vaeConfigOfText } from '@lascaux/vae';
import { denoiserConfigSchema } from './component-config.js';
import type { ModelFolder } from './model-folder.js';
import { denoiserFolderName, parseModelIndex, type ModelIndex } from './model-index.js';
import { rootFiles, textComponents, tokenizerOf, type TextPart } from './text-components.js';

/**
 * Reads a model's configuration from a source; no weights are read. The parts are those that `model_index.json` names, as paths in the source.
 * @throws LascauxError naming the file that is missing or malformed.
 */
export async function modelOfSource(source: ModelSource): Promise<ModelFolder> {
  const index = await required(source, 'model_index.json', (text) => parseModelIndex(jsonOf(text, 'model_index.json')));
  const denoiser = denoiserFolderName('', index);
  const denoiserPath = `${denoiser}/config.json`;
  const denoiserText = await sourceText(source, denoiserPath);
  const schedulerPath = await firstOf(source, ['scheduler/scheduler_config.json', 'scheduler_config.json']);
  const vaePath = 'vae_decoder/config.json';
  return {
    path: '',
    name: source.name,
    index,
    parts: {
      textEncoders: await textParts(source, index),
      denoiser,
      vaeDecoder: 'vae_decoder',
      scheduler: schedulerPath.includes('/') ? 'scheduler' : '',
      vaeEncoder: 'vae_encoder',
    },
    denoiserConfig: named(denoiserPath, () => denoiserConfigSchema.parse(denoiserText === undefined ? {} : jsonOf(denoiserText, denoiserPath))),
    vaeConfig: vaeConfigOfText(await sourceText(source, vaePath), vaePath),
    schedulerConfig: await required(source, schedulerPath, (text) => parseSchedulerConfig(text, schedulerPath)),
  };
}

/** The text encoders that the index names; some exports keep the first tokenizer's files in the root. */
async function textParts(source: ModelSource, { components }: ModelIndex): Promise<TextPart[]> {
  const present = textComponents.filter((component) => components[component] !== undefined);
  return Promise.all(
    present.map(async (component) => {
      const tokenizer = tokenizerOf(component);
      const files = ['tokenizer_config.json', 'vocab.json', 'tokenizer.json'].map((name) => `${tokenizer}/${name}`);
      const found = await firstOf(source, [...files, ...rootFiles[component]], files[0]);
      return { component, folder: component, tokenizer: found.includes('/') ? tokenizer : '' };
    }),
  );
}

/** The first of some files that is there; `otherwise` where none is, or else the first name. */
async function firstOf(source: ModelSource, paths: readonly string[], otherwise = paths[0]!): Promise<string> {
  for (const path of paths) if ((await source.read(path)) !== undefined) return path;
  return otherwise;
}

async function required<T>(source: ModelSource, path: string, parse: (text: string) => T): Promise<T> {
  const text = await sourceText(source, path);
  check(text !== undefined, { operation: source.name, rule: `must hold ${path}`, kind: 'usage' });
  return named(path, () => parse(text));
}

const jsonOf = (text: string, name: string): unknown => parseJson(text, { name });

/** What a parser gives, or an error that names the file. */
function named<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: 'must have the expected keys', value, cause });
  }
}
