import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LascauxError } from '@lascaux/nn';

const cli = dirname(createRequire(import.meta.url).resolve('@lascaux/cli/package.json'));

/** What `lascaux evaluate … --json` prints, as far as it is compared. */
export interface OwnNumbers {
  readonly [metric: string]: unknown;
  readonly values: readonly { readonly name: string; readonly value: number; readonly deviation?: number }[];
}

/** Runs `lascaux evaluate` as a user does and reads its JSON. @throws LascauxError when it fails */
export async function ownNumbers(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<OwnNumbers> {
  const child = spawn(process.execPath, [join(cli, 'bin', 'lascaux.js'), 'evaluate', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new LascauxError({ operation: `lascaux evaluate ${args.join(' ')}`, rule: 'must end with 0', value: code });
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as OwnNumbers;
}
