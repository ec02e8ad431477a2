import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runCommand } from '../command.js';
import { noiseImages } from '../kills/images.js';
import type { ShortageResult } from './result.js';

const execute = promisify(execFile);
const DISK_MEGABYTES = 2;

/** Commands that write more than the disk holds. */
function commandsOn(disk: string, data: string, config: string): Readonly<Record<string, readonly string[]>> {
  return {
    generate: ['generate', 'a cat', '--count', '400', '--steps', '1', '--out', join(disk, 'a.png')],
    convert: ['convert', 'models/lascaux-mini/text_encoder', '--out', join(disk, 'model')],
    train: [
      'train',
      'vae',
      '--data',
      data,
      '--out',
      join(disk, 'run'),
      '--config',
      config,
      '--images',
      '64',
      '--engine',
      'onnx',
    ],
    evaluate: [
      'evaluate',
      'fid',
      data,
      data,
      '--features',
      'clip',
      '--min',
      '2',
      '--save',
      join(disk, 'a.npz'),
      '--no-cache',
    ],
  };
}

/** A disk of two megabytes; undefined where this process may not make one. */
async function smallDisk(at: string): Promise<(() => Promise<unknown>) | undefined> {
  try {
    await mkdir(at);
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', at]);
    return () => execute('umount', [at]);
  } catch {
    return undefined;
  }
}

/** On a full disk each command ends in one line that says so, and leaves no half file by a whole one's name. */
export async function fullDisk(folder: string): Promise<ShortageResult> {
  const disk = join(folder, 'disk');
  const unmount = await smallDisk(disk);
  if (unmount === undefined) return { name: 'full disk', skipped: 'needs root and mount', faults: [] };
  const faults: string[] = [];
  try {
    const data = await noiseImages(join(folder, 'data'), { count: 8, seed: 1 });
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ size: 32, batchSize: 8, network: { block_out_channels: [64, 128] } }));
    await writeFile(join(disk, 'filler'), Buffer.alloc((DISK_MEGABYTES - 1) * 2 ** 20 + 2 ** 19));
    for (const [name, argv] of Object.entries(commandsOn(disk, data, config))) {
      const { code, errors } = await runCommand(argv);
      const last = errors.trim().split('\n').at(-1) ?? '';
      if (code !== 0 && !/^error: .*(?:ENOSPC|no space|disk is full)/i.test(last))
        faults.push(`${name}: ${code}: ${last}`);
      const left = (await readdir(disk, { recursive: true })).filter((path) => path.endsWith('.tmp'));
      if (left.length > 0) faults.push(`${name}: left ${left.join(', ')}`);
    }
  } finally {
    await unmount();
  }
  return { name: 'full disk', faults };
}
