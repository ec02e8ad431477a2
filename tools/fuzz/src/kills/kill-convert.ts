import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand, runWhole } from '../command.js';
import { contentsOf } from '../files.js';
import type { KillTest } from './kill-test.js';

const bundled = fileURLToPath(new URL('../../../../models/lascaux-mini', import.meta.url));

/** A conversion that is killed leaves its folder whole or not at all, and the next one clears what it left beside it. */
export const killConvert: KillTest = async ({ folder, count, random }) => {
  const source = join(folder, 'source');
  await mkdir(source);
  for (const name of ['config.json', 'diffusion_pytorch_model.safetensors'])
    await cp(join(bundled, 'transformer', name), join(source, name));
  const argv = (out: string): string[] => ['convert', source, '--out', out];
  const plain = join(folder, 'plain');
  const { milliseconds } = await runWhole(argv(plain));
  const right = await contentsOf(plain);
  const isRight = async (out: string): Promise<boolean> => {
    const found = await contentsOf(out);
    return found.size === right.size && [...right].every(([name, bytes]) => found.get(name)?.equals(bytes));
  };
  const tally = { kills: 0, compared: 0, faults: [] as string[] };
  const place = join(folder, 'killed');
  const out = join(place, 'model');
  await mkdir(place);
  while (tally.kills < count) {
    await rm(out, { recursive: true, force: true });
    const end = await runCommand(argv(out), { killAfter: milliseconds * (0.2 + 0.9 * random.uniform()) });
    if (end.killed) tally.kills++;
    else if (end.code !== 0) tally.faults.push(end.errors.trim());
    if (!existsSync(out)) continue;
    tally.compared++;
    if (!(await isRight(out))) tally.faults.push(`after kill ${tally.kills}: a folder that is not whole`);
  }
  await rm(out, { recursive: true, force: true });
  await runWhole(argv(out));
  if (!(await isRight(out))) tally.faults.push('the conversion afterwards is another');
  const left = (await readdir(place)).filter((name) => name !== 'model');
  if (left.length > 0) tally.faults.push(`left beside it: ${left.join(', ')}`);
  return tally;
};
