import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check, LascauxError, openSafetensors, readJson, type WeightsFile } from '@lascaux/nn';
import { openPth } from '@lascaux/nn/pth';
import { z } from 'zod';
import { weightsName, type WeightsName } from '../folder/weights-name.js';

/** Weights of a component, from one file or several shards, read tensor by tensor. */
export type WeightSource = Omit<WeightsFile, 'path'>;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Opens a safetensors file, or PyTorch's by any other ending. @throws {LascauxError} when it is damaged */
export const openWeightsFile = (path: string): Promise<WeightsFile> =>
  path.endsWith('.safetensors') ? openSafetensors(path) : openPth(path);

/** A shard lies beside its index; anything else is not followed. */
const isPlainName = (name: string): boolean => /^[^/\\\0]+$/.test(name) && name !== '.' && name !== '..';

async function openAll(paths: readonly string[]): Promise<WeightsFile[]> {
  const files: WeightsFile[] = [];
  try {
    for (const path of paths) files.push(await openWeightsFile(path));
    return files;
  } catch (error) {
    await Promise.all(files.map((file) => file.close()));
    throw error;
  }
}

function joined(files: readonly WeightsFile[]): WeightSource {
  const holders = new Map<string, WeightsFile>();
  for (const file of files) {
    for (const name of file.entries.keys()) {
      check(!holders.has(name), {
        operation: file.path,
        rule: 'holds a tensor that another shard holds too',
        value: name,
      });
      holders.set(name, file);
    }
  }
  return {
    entries: new Map(files.flatMap((file) => [...file.entries])),
    read: (name) => {
      const file = holders.get(name);
      if (file === undefined) throw new LascauxError({ operation: 'weights', rule: 'no such tensor', value: name });
      return file.read(name);
    },
    close: async () => void (await Promise.all(files.map((file) => file.close()))),
  };
}

async function openShards(folder: string, file: string): Promise<WeightSource> {
  const path = join(folder, file);
  const { weight_map: map } = (await readJson(path, (json) => indexSchema.parse(json))) ?? { weight_map: {} };
  const names = [...new Set(Object.values(map))];
  check(names.length > 0, { operation: path, rule: 'must name the shards' });
  for (const name of names)
    check(isPlainName(name), { operation: path, rule: 'a shard must be a file of the same folder', value: name });
  const files = await openAll(names.map((name) => join(folder, name)));
  try {
    const byName = new Map(names.map((name, i) => [name, files[i]]));
    for (const [tensor, name] of Object.entries(map))
      check(byName.get(name)?.entries.has(tensor) === true, {
        operation: path,
        rule: `says that ${name} holds a tensor which it does not`,
        value: tensor,
      });
    return joined(files);
  } catch (error) {
    await Promise.all(files.map((open) => open.close()));
    throw error;
  }
}

function choose(folder: string, candidates: readonly WeightsName[], variant: string | undefined): WeightsName {
  const variants = [...new Set(candidates.map((candidate) => candidate.variant))].sort();
  const wanted = variant ?? (variants.includes('') || variants.length !== 1 ? '' : variants[0]);
  const [best] = candidates
    .filter((candidate) => candidate.variant === wanted)
    .sort((a, b) => Number(b.safe) - Number(a.safe) || Number(a.sharded) - Number(b.sharded));
  if (best !== undefined) return best;
  throw new LascauxError({
    operation: folder,
    rule:
      variant === undefined
        ? 'there are weights in several variants; choose one (--variant)'
        : `there are no weights of the variant ${variant}`,
    accepted: variants.map((name) => (name === '' ? 'no variant' : name)),
    kind: 'usage',
  });
}

/**
 * Opens the weights of a component's folder: safetensors before PyTorch's own files, one file before shards.
 * @param variant as `fp16` in `model.fp16.safetensors`; default: the files without one, or else the only one there is
 * @throws {LascauxError} naming the folder without weights, or the file and what is wrong with it
 */
export async function openWeights(folder: string, variant?: string): Promise<WeightSource> {
  const names = await readdir(folder).catch((): string[] => []);
  const candidates = names.sort().flatMap((name) => weightsName(name) ?? []);
  check(candidates.length > 0, {
    operation: folder,
    rule: 'holds no weights',
    accepted: [
      'diffusion_pytorch_model.safetensors',
      'model.safetensors',
      'shards with their .index.json',
      '.bin or .pth',
    ],
  });
  const { file, sharded } = choose(folder, candidates, variant);
  return sharded ? openShards(folder, file) : openWeightsFile(join(folder, file));
}
