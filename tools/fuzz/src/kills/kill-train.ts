import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, runWhole } from '../command.js';
import { contentsOf } from '../files.js';
import { noiseImages } from './images.js';
import type { KillTest } from './kill-test.js';

const CONFIG = {
  size: 32,
  batchSize: 8,
  network: { block_out_channels: [8, 8], norm_num_groups: 4, latent_channels: 4 },
};
/** With clocks so fast a checkpoint is written every second. */
const CLOCK = 200;

/** Names of files that differ between two folders, or are in one only. */
async function differences(a: string, b: string): Promise<string[]> {
  const [left, right] = [await contentsOf(a), await contentsOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.filter((name) => left.get(name)?.equals(right.get(name) ?? new Uint8Array()) !== true);
}

/** A training that is killed and resumed again and again ends with the weights of one that nobody disturbed, byte for byte. */
export const killTrain: KillTest = async ({ folder, count, random }) => {
  const data = await noiseImages(join(folder, 'data'), { count: 16, seed: 1 });
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify(CONFIG));
  const argv = (out: string): string[] => [
    'train',
    'vae',
    '--data',
    data,
    '--out',
    out,
    '--config',
    config,
    '--images',
    '1600',
    '--threads',
    '1',
    '--engine',
    'onnx',
  ];
  const plain = join(folder, 'plain');
  const { milliseconds } = await runWhole(argv(plain), { clock: CLOCK });
  const tally = { kills: 0, compared: 0, faults: [] as string[] };
  for (let run = 0; tally.kills < count; run++) {
    const out = join(folder, `run-${run}`);
    for (let ended = false, started = false; !ended; started = true) {
      const killAfter = 200 + random.uniform() * milliseconds * 0.8;
      const end = await runCommand([...argv(out), ...(started ? ['--resume'] : [])], { clock: CLOCK, killAfter });
      if (end.killed) tally.kills++;
      else ended = true;
      if (!end.killed && end.code !== 0) tally.faults.push(`resuming: ${end.errors.trim()}`);
    }
    const different = await differences(join(plain, 'model'), join(out, 'model'));
    if (different.length > 0) tally.faults.push(`run ${run}: other bytes in ${different.join(', ')}`);
    tally.compared++;
  }
  return tally;
};
