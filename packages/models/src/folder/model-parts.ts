import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '@lascaux/nn';
import type { ModelIndex } from './model-index.js';
import { rootFiles, textComponents, tokenizerOf, type TextComponent, type TextPart } from './text-components.js';

/** Folder of each part, as absolute paths. */
export interface ModelParts {
  /** Those that the index names, and those that lie there besides. */
  readonly textEncoders: readonly TextPart[];
  /** `unet/` or `transformer/`. */
  readonly denoiser: string;
  readonly vaeDecoder: string;
  /** Needed only to start from a picture. */
  readonly vaeEncoder?: string;
  readonly scheduler: string;
}

/**
 * Finds every part that painting needs.
 * @throws LascauxError naming the part that is missing.
 */
export async function findParts(
  path: string,
  { index, denoiser }: { index: ModelIndex; denoiser: string },
): Promise<ModelParts> {
  const hasEncoder = await exists(join(path, 'vae_encoder', 'model.onnx'));
  return {
    textEncoders: await findTextParts(path, index),
    denoiser: await requireGraph(path, denoiser),
    vaeDecoder: await requireGraph(path, 'vae_decoder'),
    scheduler: await requirePart(path, 'scheduler', ['scheduler_config.json']),
    ...(hasEncoder ? { vaeEncoder: join(path, 'vae_encoder') } : {}),
  };
}

async function findTextParts(path: string, { components }: ModelIndex): Promise<TextPart[]> {
  const parts = await Promise.all(
    textComponents.map(async (component) => {
      const part = textPart(path, component);
      return components[component] === undefined ? part.catch(() => undefined) : part;
    }),
  );
  return parts.filter((part) => part !== undefined);
}

async function textPart(path: string, component: TextComponent): Promise<TextPart> {
  const folder = await requireGraph(path, component);
  return { component, folder, tokenizer: await requirePart(path, tokenizerOf(component), rootFiles[component]) };
}

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
