import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, fromFloat16, LascauxError, parseJson, readSafetensors, toFloat16, writeSafetensors } from '@lascaux/nn';
import { checkpointWeights, latestCheckpoint, openRunFolder } from '@lascaux/training';
import { isTextParameter } from './text-network.js';

/** Averaged weights by name. */
export type StageWeights = ReadonlyMap<string, Float32Array>;

/** Stages whose weights the repository can keep, with what later ones need of them. */
const KEPT: Readonly<Record<string, (name: string) => boolean>> = {
  'pooled-reader': () => true,
  'text-encoder': () => true,
  denoiser: () => true,
  clip: (name) => !isTextParameter(name),
};
/** Stages whose tokenizer is kept too, that of the text encoder. */
const TEXT = 'text-encoder';
const READS: ReadonlySet<string> = new Set([TEXT, 'pooled-reader']);
/** Where it keeps them. */
const FOLDER = fileURLToPath(new URL('../../stages', import.meta.url));
const FILE = 'weights.safetensors';
const SEEN = 'images_seen';

/** The newest checkpoint of a stage's run folder; undefined where there is none. */
export const newestCheckpoint = async (directory: string): Promise<string | undefined> =>
  existsSync(directory) ? latestCheckpoint(await openRunFolder(directory)) : undefined;

/**
 * The averaged weights of a stage, of its run or those that the repository keeps.
 * @throws {LascauxError} when there are neither
 */
export async function stageWeights(runs: string, stage: string): Promise<StageWeights> {
  const checkpoint = await newestCheckpoint(join(runs, stage));
  if (checkpoint !== undefined) return checkpointWeights(checkpoint);
  return (await keptStage(stage)).weights;
}

/** Whether the repository keeps something of a stage. */
export const isKept = (stage: string, folder = FOLDER): boolean => existsSync(join(folder, stage, FILE));

/** What the repository keeps of a stage. @throws {LascauxError} when it keeps nothing */
export async function keptStage(
  stage: string,
  folder = FOLDER,
): Promise<{ readonly weights: StageWeights; readonly imagesSeen: number }> {
  const path = join(folder, stage, FILE);
  if (!isKept(stage, folder))
    throw new LascauxError({ operation: stage, rule: 'has not run, and nothing is kept of it', kind: 'usage' });
  const { tensors, metadata } = await readSafetensors(path);
  return {
    weights: new Map([...tensors].map(([name, { data }]) => [name, fromFloat16(data as Uint16Array)])),
    imagesSeen: Number(metadata[SEEN]),
  };
}

/** The folder with the tokenizer that the kept text encoder belongs to. */
export const KEPT_TOKENIZER = join(FOLDER, TEXT, 'tokenizer');

/** Images that a run has seen, with those of the kept weights that it went on from. */
function seenBy(checkpoint: string, text = '{}'): number {
  const { imagesSeen, config } = parseJson(text, { name: checkpoint, part: 'the metadata entry "checkpoint"' }) as {
    readonly imagesSeen: number;
    readonly config: { readonly begunAt?: number } | null;
  };
  return imagesSeen + (config?.begunAt ?? 0);
}

/**
 * Keeps the averaged weights of a run's newest checkpoint in half precision, with the number of images seen.
 * @throws {LascauxError} when the stage is not one that is kept, or has no checkpoint
 */
export async function keepStage(runs: string, stage: string, folder = FOLDER): Promise<string> {
  const isNeeded = KEPT[stage];
  if (isNeeded === undefined)
    throw new LascauxError({
      operation: '--stage',
      rule: 'must be one that can be kept',
      value: stage,
      accepted: Object.keys(KEPT),
      kind: 'usage',
    });
  const checkpoint = await newestCheckpoint(join(runs, stage));
  check(checkpoint !== undefined, { operation: join(runs, stage), rule: 'holds no checkpoint', kind: 'usage' });
  const { tensors, metadata } = await readSafetensors(checkpoint);
  const weights = await checkpointWeights(checkpoint);
  await mkdir(join(folder, stage), { recursive: true });
  const path = join(folder, stage, FILE);
  await writeSafetensors(
    path,
    Object.fromEntries(
      [...weights]
        .filter(([name]) => isNeeded(name))
        .map(([name, values]) => [
          name,
          { dtype: 'F16' as const, shape: tensors.get(`param/${name}`)!.shape, data: toFloat16(values) },
        ]),
    ),
    { [SEEN]: String(seenBy(checkpoint, metadata.checkpoint)) },
  );
  const tokenizer = join(runs, TEXT, 'tokenizer');
  // A run that went on from a kept stage reads the kept tokenizer.
  if (READS.has(stage) && existsSync(tokenizer))
    await cp(tokenizer, join(folder, TEXT, 'tokenizer'), {
      recursive: true,
      // It says what vocab.json and merges.txt say.
      filter: (path) => !path.endsWith('tokenizer.json'),
    });
  return path;
}
