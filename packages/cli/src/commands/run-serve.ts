import { once } from 'node:events';
import { createServer, describeModel, FairQueue } from '@lascaux/server';
import { modelOfFlag } from './model-of-flag.js';
import type { ServeFlags } from './serve-command.js';
import type { Terminal } from './terminal.js';

const MEGABYTE = 2 ** 20;

/** Runs `serve`: looks at the models, listens, prints the address, and stops when it is told to. */
export async function runServe(flags: ServeFlags, terminal: Terminal): Promise<void> {
  const { host, port, device, vae, previewVae, memory, queue: capacity } = flags;
  const server = await createServer({
    models: await modelsOfFlag(flags, terminal),
    device,
    vae,
    previewVae,
    memory: memory === undefined ? undefined : memory * MEGABYTE,
    queue: new FairQueue({ capacity }),
  });
  try {
    terminal.result(await server.listen({ host, port }));
    if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
    terminal.note(`stopping: running requests have ${flags.drain} s`);
  } finally {
    await server.close({ drainSeconds: flags.drain });
  }
}

async function modelsOfFlag({ model: names, offline }: ServeFlags, terminal: Terminal) {
  const folders: string[] = [];
  for (const name of names.length === 0 ? [undefined] : names)
    folders.push(await modelOfFlag(name, terminal, { offline }));
  return Promise.all(folders.map((folder) => describeModel(folder)));
}
