import { temporarily } from '../files.js';
import { fewFiles } from './few-files.js';
import { fullDisk } from './full-disk.js';

/** Runs commands without what they need. @returns the number of faults */
export async function shortage(print: (line: string) => void): Promise<number> {
  let sum = 0;
  for (const test of [fullDisk, fewFiles]) {
    const { name, skipped, faults } = await temporarily(test);
    print(`${name}: ${skipped === undefined ? `${faults.length} faults` : `skipped: ${skipped}`}`);
    for (const fault of faults) print(`  ${fault}`);
    sum += faults.length;
  }
  return sum;
}
