import { join } from 'node:path';
import { check, LascauxError } from '@lascaux/nn';
import type { JsonObject, PipelineFacts } from '../convert/component-kinds.js';
import { classOf, readConfig, type ConfigFile } from '../convert/config-file.js';
import { planComponent, planNetwork, type PlannedComponent, type WeightOptions } from '../convert/convert-component.js';
import { isFolder } from '../folder/is-folder.js';
import type { OpenCheckpoint } from './open-checkpoint.js';
import type { CheckpointFamily } from './checkpoint-family.js';
import { checkpointFamily } from './families.js';
import { partSource } from './tensor-part.js';
import type { Prediction } from './schedulers.js';

/** How a checkpoint in one file is read. */
export interface SingleFileOptions extends WeightOptions {
  /** A model folder in diffusers' layout that fills in what the file lacks: configs, networks, tokenizers, scheduler. */
  readonly base?: string;
  /** What the model was trained to predict; default: what the file says, or what its family usually does. */
  readonly prediction?: Prediction;
}

/** A checkpoint in one file, read and checked. */
export interface PlannedFile {
  readonly family: CheckpointFamily;
  readonly components: readonly PlannedComponent[];
  /** `model_index.json` of the folder it becomes. */
  readonly index: JsonObject;
  /** Components that are left out, for nothing holds them. */
  readonly absent: readonly string[];
}

const textOf = (json: JsonObject): ConfigFile => ({ json, text: `${JSON.stringify(json, null, 2)}\n` });

/** The config of the base's component of that name; undefined where there is none. */
async function baseConfig(base: string | undefined, name: string): Promise<ConfigFile | undefined> {
  if (base === undefined || !(await isFolder(join(base, name)))) return undefined;
  return readConfig(join(base, name, 'config.json'));
}

/** What the file and the base lack. @throws {LascauxError} (usage) naming it */
async function absentNetworks(
  { networks, optional, name: family }: CheckpointFamily,
  operation: string,
  base: string | undefined,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [name, network] of Object.entries(networks))
    if (network === undefined && (base === undefined || !(await isFolder(join(base, name))))) missing.push(name);
  const needed = missing.filter((name) => !optional.includes(name));
  check(needed.length === 0, {
    option: 'base',
    rule: `must be a model folder with what ${operation} lacks of ${family}: ${needed.join(', ')}`,
    value: base,
    kind: 'usage',
  });
  return missing;
}

const LIBRARY_OF: Readonly<Record<string, string>> = {
  UNet2DConditionModel: 'diffusers',
  AutoencoderKL: 'diffusers',
  SD3Transformer2DModel: 'diffusers',
  FluxTransformer2DModel: 'diffusers',
};

function indexOf(
  { pipeline, settings, networks, tokenizers, scheduler }: CheckpointFamily,
  classes: Readonly<Record<string, string>>,
  absent: readonly string[],
): JsonObject {
  const isAbsent = (name: string): boolean => absent.includes(name) || absent.includes(tokenizers[name]?.of ?? '');
  const entries = [
    ...Object.keys(networks).map((name) => {
      const className = classes[name] ?? '';
      return [name, isAbsent(name) ? [null, null] : [LIBRARY_OF[className] ?? 'transformers', className]] as const;
    }),
    ...Object.entries(tokenizers).map(
      ([name, { className }]) => [name, isAbsent(name) ? [null, null] : ['transformers', className]] as const,
    ),
    ['scheduler', ['diffusers', scheduler._class_name]] as const,
  ];
  return {
    _class_name: pipeline,
    _diffusers_version: '0.35.0',
    ...settings,
    ...(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) as JsonObject),
  };
}

/** Names the file in errors about its tensors. */
function familyIn<T>(path: string, find: () => T): T {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof LascauxError) || cause.operation === path) throw cause;
    const { rule, value, accepted } = cause;
    throw new LascauxError({ operation: path, rule, value, accepted, cause });
  }
}

/**
 * Finds the family of a checkpoint in one file and all of its networks; no numbers are read yet.
 * @returns undefined where the file is no checkpoint of a family that is known
 * @throws {LascauxError} naming the file and the part of it that is missing, damaged or not supported
 */
export async function planSingleFile(
  { path, source, metadata }: OpenCheckpoint,
  { base, dtype, variant, prediction }: SingleFileOptions,
): Promise<PlannedFile | undefined> {
  const hints = { metadata, ...(prediction === undefined ? {} : { prediction }) };
  const family = familyIn(path, () => checkpointFamily(source.entries, path, hints));
  if (family === undefined) return undefined;
  if (base !== undefined && !(await isFolder(base)))
    throw new LascauxError({ option: 'base', rule: 'must be a model folder', value: base, kind: 'usage' });
  const absent = await absentNetworks(family, path, base);
  const pipeline: PipelineFacts = {
    className: family.pipeline,
    aesthetics: family.settings.requires_aesthetics_score === true,
  };
  const components: PlannedComponent[] = [];
  const classes: Record<string, string> = {};
  try {
    for (const [name, network] of Object.entries(family.networks)) {
      if (absent.includes(name)) continue;
      if (network === undefined) {
        const folder = join(base!, name);
        const config = join(folder, 'config.json');
        classes[name] = classOf((await readConfig(config)).json, config);
        components.push(await planComponent({ folder, name, className: classes[name], dtype, variant, pipeline }));
        continue;
      }
      const { className, parts } = network;
      classes[name] = className;
      const config = (await baseConfig(base, name)) ?? textOf(network.config);
      const own = partSource(source, parts);
      components.push(await planNetwork({ operation: path, name, className, config, source: own, dtype, pipeline }));
    }
  } catch (error) {
    await Promise.all(components.map((component) => component.close()));
    throw error;
  }
  return { family, components, index: indexOf(family, classes, absent), absent };
}
