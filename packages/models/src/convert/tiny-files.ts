import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LascauxError, check, type TensorFacts, type WeightsFile } from '@lascaux/nn';
import { tinyCheckpoint, tinyConfigOf } from '@lascaux/nn/networks';
import type { JsonObject } from './component-kinds.js';
import { openWeightsFile, type WeightSource } from './find-weights.js';

/** The weights of a tiny autoencoder from files without a config, under diffusers' names. */
export interface TinyWeights {
  /** What diffusers would have written into `config.json`, read off the shapes. */
  readonly config: JsonObject;
  readonly source: WeightSource;
}

/** Best first, where a checkpoint is there in several forms. */
const endings = ['.safetensors', '.pth', '.pt', '.bin'];
const endingOf = (name: string): string | undefined => endings.find((ending) => name.endsWith(ending));
const half = /encoder|decoder/;
/** The name of a checkpoint's file without what tells its halves and forms apart. */
const stemOf = (name: string): string => name.slice(0, -endingOf(name)!.length).replace(half, '*');
const counterpart = (name: string): string =>
  name.replace(half, (part) => (part === 'encoder' ? 'decoder' : 'encoder'));

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );

/** A file and, where there is one, that of the other half: `taesd_encoder.pth` and `taesd_decoder.pth`. */
async function withCounterpart(path: string): Promise<string[]> {
  const other = join(dirname(path), counterpart(basename(path)));
  return other !== path && (await isFile(other)) ? [path, other] : [path];
}

/**
 * The files of a tiny autoencoder: the one that is named with its other half, or the only checkpoint in a folder.
 * @returns none when the folder holds no weights, or has a `config.json` that describes them
 * @throws {LascauxError} (usage) when the folder holds several checkpoints
 */
export async function findTinyFiles(path: string): Promise<readonly string[]> {
  if (await isFile(path)) return withCounterpart(path);
  const names = (await readdir(path).catch((): string[] => [])).sort();
  const weights = names.filter((name) => endingOf(name) !== undefined);
  const [first] = endings.flatMap((ending) => weights.filter((name) => name.endsWith(ending)));
  if (first === undefined || names.includes('config.json')) return [];
  const stems = new Set(weights.map(stemOf));
  check(stems.size === 1, {
    operation: path,
    rule: 'holds several checkpoints; name a file of one of them',
    value: [...stems].join(', '),
    kind: 'usage',
  });
  return withCounterpart(join(path, first));
}

interface OpenHalf {
  readonly file: WeightsFile;
  readonly names: ReadonlyMap<string, string>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

async function openHalf(path: string): Promise<OpenHalf> {
  const file = await openWeightsFile(path);
  const found = tinyCheckpoint(new Map([...file.entries].map(([name, { shape }]) => [name, shape])));
  if (found !== undefined) return { file, ...found };
  await file.close();
  throw new LascauxError({
    operation: path,
    rule: 'a file alone must hold a tiny autoencoder (taesd, taesdxl, taesd3, taef1, taef2)',
    value: [...file.entries.keys()].slice(0, 3).join(', '),
    accepted: ['a folder with model_index.json', "a component's folder with config.json"],
    kind: 'usage',
  });
}

function joined(halves: readonly OpenHalf[]): WeightSource {
  const homes = new Map<string, { readonly file: WeightsFile; readonly name: string }>();
  for (const { file, names } of halves) {
    for (const [ours, name] of names) {
      check(!homes.has(ours), {
        operation: file.path,
        rule: 'holds a tensor that the other file holds too',
        value: name,
      });
      homes.set(ours, { file, name });
    }
  }
  return {
    entries: new Map([...homes].map(([ours, { file, name }]) => [ours, file.entries.get(name) as TensorFacts])),
    read: async (ours) => {
      const home = homes.get(ours);
      if (home === undefined) throw new LascauxError({ operation: 'weights', rule: 'no such tensor', value: ours });
      return home.file.read(home.name);
    },
    close: async () => void (await Promise.all(halves.map(({ file }) => file.close()))),
  };
}

/** diffusers writes no `use_midblock_gn`, which its class lacks. */
function configOf(halves: readonly OpenHalf[], operation: string): JsonObject {
  try {
    const { use_midblock_gn, ...config } = tinyConfigOf(new Map(halves.flatMap(({ shapes }) => [...shapes])));
    return { _class_name: 'AutoencoderTiny', ...config, ...(use_midblock_gn ? { use_midblock_gn } : {}) };
  } catch (cause) {
    if (!(cause instanceof LascauxError)) throw cause;
    const { rule, value, accepted } = cause;
    throw new LascauxError({ operation, rule: `${cause.operation}: ${rule}`, value, accepted, cause });
  }
}

/**
 * Opens the files of a tiny autoencoder as taesd's author publishes them: both halves, or one.
 * @throws {LascauxError} naming the file that holds something else, or a tiny autoencoder that cannot be built
 */
export async function openTinyFiles(paths: readonly string[]): Promise<TinyWeights> {
  const halves: OpenHalf[] = [];
  try {
    for (const path of paths) halves.push(await openHalf(path));
    return { config: configOf(halves, paths[0]!), source: joined(halves) };
  } catch (error) {
    await Promise.all(halves.map(({ file }) => file.close()));
    throw error;
  }
}
