import { access, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseSchedulerConfig } from '@lascaux/diffusion';
import { LascauxError, check } from '@lascaux/nn';
import { readVaeConfig, type VaeConfig } from '@lascaux/vae';
import { denoiserConfigSchema, type DenoiserConfig } from './component-config.js';
import { parseModelIndex, type ModelIndex } from './model-index.js';
import { readJson } from './read-json.js';

/** A model on disk in the Stable Diffusion layout: where its parts are and what their configurations say. */
export interface ModelFolder {
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  readonly index: ModelIndex;
  /** Folder of each part that was found. */
  readonly parts: ModelParts;
  readonly denoiserConfig: DenoiserConfig;
  readonly vaeConfig: VaeConfig;
  /** The parsed `scheduler_config.json`. */
  readonly schedulerConfig: Readonly<Record<string, unknown>>;
}

/** Folder of each part, as absolute paths. */
export interface ModelParts {
  readonly tokenizer: string;
  readonly textEncoder: string;
  /** `unet/` or `transformer/`. */
  readonly denoiser: string;
  readonly vaeDecoder: string;
  /** Needed only to start from a picture. */
  readonly vaeEncoder?: string;
  readonly scheduler: string;
}

/**
 * Reads a model folder's configuration and checks that every part that painting needs is there; no weights are loaded.
 * @throws LascauxError naming the folder or file that is missing or malformed.
 */
export async function openModelFolder(folder: string): Promise<ModelFolder> {
  const path = resolve(folder);
  const index = await readIndex(path);
  check(index.components.text_encoder_2 === undefined, {
    operation: join(path, 'model_index.json'),
    rule: 'models with a second text encoder cannot be run yet',
    value: index.className,
  });
  const denoiserName = denoiserFolderName(path, index);
  const parts = {
    tokenizer: await requirePart(path, 'tokenizer', ['tokenizer_config.json', 'vocab.json']),
    textEncoder: await requireGraph(path, 'text_encoder'),
    denoiser: await requireGraph(path, denoiserName),
    vaeDecoder: await requireGraph(path, 'vae_decoder'),
    scheduler: await requirePart(path, 'scheduler', ['scheduler_config.json']),
    ...((await exists(join(path, 'vae_encoder', 'model.onnx'))) ? { vaeEncoder: join(path, 'vae_encoder') } : {}),
  };
  const [denoiserConfig, vaeConfig, schedulerConfig] = await Promise.all([
    readJson(join(parts.denoiser, 'config.json'), (json) => denoiserConfigSchema.parse(json)),
    readVaeConfig(parts.vaeDecoder),
    readSchedulerConfig(join(parts.scheduler, 'scheduler_config.json')),
  ]);
  return {
    path,
    name: basename(path),
    index,
    parts,
    denoiserConfig: denoiserConfig ?? denoiserConfigSchema.parse({}),
    vaeConfig,
    schedulerConfig,
  };
}

async function readIndex(path: string): Promise<ModelIndex> {
  const facts = await stat(path).catch(() => undefined);
  check(facts?.isDirectory() === true, {
    operation: 'model',
    rule: 'the folder must exist',
    value: path,
    accepted: 'a folder with model_index.json',
    kind: 'usage',
  });
  const index = await readJson(join(path, 'model_index.json'), parseModelIndex);
  check(index !== undefined, {
    operation: 'model',
    rule: 'the folder must hold a model_index.json',
    value: path,
    kind: 'usage',
  });
  return index;
}

/** A UNet wins over a transformer, as in the reference reader; both are `[library, class]` entries of the index. */
function denoiserFolderName(path: string, { components }: ModelIndex): 'unet' | 'transformer' {
  if (components.unet !== undefined) return 'unet';
  if (components.transformer !== undefined) return 'transformer';
  throw new LascauxError({
    operation: join(path, 'model_index.json'),
    rule: 'must name a denoiser',
    value: Object.keys(components).join(', ') || 'no component',
    accepted: ['unet', 'transformer'],
  });
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

async function readSchedulerConfig(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return parseSchedulerConfig(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new LascauxError({
      operation: path,
      rule: 'must be a readable scheduler configuration',
      value: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
