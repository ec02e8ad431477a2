import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openModelFolder, resolveModel, type ModelFolder, type ResolveOptions } from '@lascaux/models';
import { defaultsOf, schedulerConfigOf, sizeRulesOf, type GenerateDefaults, type SizeRules } from '@lascaux/pipeline';
import { samplerNameOf } from '@lascaux/pipeline/options';

/** A model that a server offers, as its folder describes it; nothing is loaded. */
export interface ServedModel {
  readonly name: string;
  readonly folder: string;
  /** When its files were written, in seconds since 1970. */
  readonly created: number;
  readonly defaults: GenerateDefaults & { readonly sampler: string };
  readonly sizes: SizeRules;
  /** Bytes that it takes once it is loaded, estimated. */
  readonly memory: number;
}

/** Bytes at work for each byte of weights: 5.8 GB for the 4.1 GB of Stable Diffusion 1.5 at 512×512 pixels (docs/log.md). */
const MEMORY_OF_WEIGHTS = 1.4;
/** What a process that paints takes without weights. */
const MEMORY_OF_PROCESS = 150 * 2 ** 20;

/**
 * Looks at a model: a folder, one of the hub, or the bundled one.
 * @throws LascauxError naming what is missing or broken
 */
export async function describeModel(model: string | undefined, options: ResolveOptions = {}): Promise<ServedModel> {
  const folder = await resolveModel(model, options);
  const opened = await openModelFolder(folder);
  const { mtimeMs } = await stat(join(opened.path, 'model_index.json'));
  return {
    name: opened.name,
    folder: opened.path,
    created: Math.floor(mtimeMs / 1000),
    defaults: { ...defaultsOf(opened), sampler: samplerOf(opened) },
    sizes: sizeRulesOf(opened),
    memory: MEMORY_OF_PROCESS + MEMORY_OF_WEIGHTS * (await weightBytes(opened)),
  };
}

const samplerOf = (model: ModelFolder): string => defaultsOf(model).sampler ?? samplerNameOf(schedulerConfigOf(model));

/** The bytes of all files in the folders of a model's parts. */
async function weightBytes({ parts }: ModelFolder): Promise<number> {
  const { textEncoders, denoiser, vaeDecoder, vaeEncoder } = parts;
  const folders = [
    ...textEncoders.map(({ folder }) => folder),
    denoiser,
    vaeDecoder,
    ...(vaeEncoder ? [vaeEncoder] : []),
  ];
  const sizes = await Promise.all(folders.map(folderBytes));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
