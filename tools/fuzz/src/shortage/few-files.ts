import { join } from 'node:path';
import { runCommand } from '../command.js';
import { noiseImages } from '../kills/images.js';
import type { ShortageResult } from './result.js';

/** Files that may be open at once. With 64 Node itself cannot load its modules. */
const DESCRIPTORS = [100, 128, 200];

/** With few file descriptors each command is done, or ends in one line that says why. */
export async function fewFiles(folder: string): Promise<ShortageResult> {
  const name = 'few file descriptors';
  if (process.platform === 'win32') return { name, skipped: 'there is no ulimit', faults: [] };
  const data = await noiseImages(join(folder, 'data'), { count: 60, seed: 1 });
  const commands: Readonly<Record<string, readonly string[]>> = {
    generate: ['generate', 'a cat', '--steps', '1', '--out', join(folder, 'a.png')],
    convert: ['convert', 'models/lascaux-mini/text_encoder', '--out', join(folder, 'model')],
    evaluate: ['evaluate', 'fid', data, data, '--features', 'clip', '--min', '2', '--no-cache'],
  };
  const faults: string[] = [];
  for (const descriptors of DESCRIPTORS)
    for (const [command, argv] of Object.entries(commands)) {
      const { code, errors } = await runCommand(argv, { shell: `ulimit -n ${descriptors}` });
      const last = errors.trim().split('\n').at(-1) ?? '';
      if (code !== 0 && !last.startsWith('error: ')) faults.push(`${command} with ${descriptors}: ${code}: ${last}`);
    }
  return { name, faults };
}
