import { existsSync } from 'node:fs';
import { LascauxError } from '@lascaux/nn';
import { checkpointWeights, latestCheckpoint, openRunFolder } from '@lascaux/training';

/** The newest checkpoint of a stage's run folder; undefined where there is none. */
export const newestCheckpoint = async (directory: string): Promise<string | undefined> =>
  existsSync(directory) ? latestCheckpoint(await openRunFolder(directory)) : undefined;

/** The averaged weights of an earlier stage by name. @throws {LascauxError} when its run folder holds no checkpoint */
export async function stageWeights(directory: string): Promise<ReadonlyMap<string, Float32Array>> {
  const checkpoint = await newestCheckpoint(directory);
  if (checkpoint === undefined)
    throw new LascauxError({ operation: directory, rule: 'holds no checkpoint: run that stage first', kind: 'usage' });
  return checkpointWeights(checkpoint);
}
