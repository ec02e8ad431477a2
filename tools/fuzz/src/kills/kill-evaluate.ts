import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, runWhole } from '../command.js';
import { noiseImages } from './images.js';
import type { KillTest } from './kill-test.js';

/** Kills after which the cache is begun anew, and the number compared. */
const ROUND = 10;

/** An evaluation whose cache was left by others that were killed gives the number of one without a cache. */
export const killEvaluate: KillTest = async ({ folder, count, random }) => {
  const a = await noiseImages(join(folder, 'a'), { count: 40, seed: 1 });
  const b = await noiseImages(join(folder, 'b'), { count: 40, seed: 2 });
  const cache = join(folder, 'cache');
  const argv = ['evaluate', 'fid', a, b, '--features', 'clip', '--min', '2', '--json', '--batch-size', '4'];
  const numberOf = (output: string): unknown =>
    (JSON.parse(output) as { value?: unknown; fid?: unknown }).value ?? /"\w*fid\w*":[^,}]*/i.exec(output)?.[0];
  const plain = await runWhole([...argv, '--no-cache']);
  const right = numberOf(plain.output);
  const tally = { kills: 0, compared: 0, faults: [] as string[] };
  const compare = (output: string): void => {
    tally.compared++;
    if (numberOf(output) !== right)
      tally.faults.push(`another number: ${String(numberOf(output))}, not ${String(right)}`);
  };
  while (tally.kills < count) {
    await rm(cache, { recursive: true, force: true });
    for (let round = 0; round < ROUND; round++) {
      const killAfter = plain.milliseconds * (0.3 + 0.7 * random.uniform());
      const end = await runCommand([...argv, '--cache', cache], { killAfter });
      if (end.killed) tally.kills++;
      else if (end.code === 0) compare(end.output);
      else tally.faults.push(end.errors.trim());
    }
    compare((await runWhole([...argv, '--cache', cache])).output);
  }
  return tally;
};
