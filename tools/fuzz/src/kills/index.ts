import { randomStream } from '@lascaux/nn';
import { temporarily } from '../files.js';
import { killConvert } from './kill-convert.js';
import { killEvaluate } from './kill-evaluate.js';
import type { KillTest } from './kill-test.js';
import { killTrain } from './kill-train.js';

const tests: Readonly<Record<string, KillTest>> = { train: killTrain, convert: killConvert, evaluate: killEvaluate };

/** Kills commands at random moments and compares what they leave. @returns the number of faults */
export async function kills(
  { seed, count, only }: { seed: number; count: number; only: readonly string[] | undefined },
  print: (line: string) => void,
): Promise<number> {
  let sum = 0;
  for (const [name, test] of Object.entries(tests)) {
    if (only !== undefined && !only.includes(name)) continue;
    const random = randomStream(seed).fork(name);
    const { kills: done, compared, faults } = await temporarily((folder) => test({ folder, count, random }));
    print(`${name}: ${done} kills, ${compared} compared, ${faults.length} faults`);
    for (const fault of faults.slice(0, 20)) print(`  ${fault}`);
    sum += faults.length;
  }
  return sum;
}
