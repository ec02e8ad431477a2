import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What it takes to run sources, whoever runs us. */
const FROM_SOURCES = ['--conditions=@lascaux/source', '--import', 'tsx'];

/** Starts a worker file beside a module, as that runs: from sources or built. Its standard error is a pipe. */
export function forkWorker(module: string): ChildProcess {
  const isSource = module.endsWith('.ts');
  const worker = fileURLToPath(new URL(isSource ? 'worker.ts' : 'worker.js', module));
  return fork(worker, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: isSource ? FROM_SOURCES : [] });
}
