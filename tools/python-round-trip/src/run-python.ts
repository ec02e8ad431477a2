import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LascauxError } from '@lascaux/nn';

/** Runs one of the scripts in `python/`; gives each line that it prints as it comes. @throws LascauxError when it fails */
export async function* runPython(
  python: string,
  script: string,
  given: readonly string[] | { readonly args: readonly string[]; readonly environment: NodeJS.ProcessEnv },
): AsyncGenerator<string> {
  const { args, environment } = 'args' in given ? given : { args: given, environment: {} };
  const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url));
  const child = spawn(python, ['-W', 'ignore', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((cause: unknown) => {
    throw new LascauxError({ operation: '--python', rule: 'cannot be started', value: python, kind: 'usage', cause });
  });
  for await (const line of createInterface({ input: child.stdout })) yield line;
  const code = await ended;
  if (code !== 0) throw new LascauxError({ operation: script, rule: 'must end with 0', value: code ?? 'a signal' });
}
