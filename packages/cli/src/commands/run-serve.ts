import { once } from 'node:events';
import { createServer, DEFAULT_LIMITS, FairQueue, type ServerLimits } from '@lascaux/server';
import { isStudioBuilt, studioPage } from '@lascaux/studio';
import { servedModels } from './served-models.js';
import type { ServeFlags } from './serve-command.js';
import type { Terminal } from './terminal.js';

const MEGABYTE = 2 ** 20;

/** Runs `serve`: looks at the models, listens, prints the address, and stops when it is told to. */
export async function runServe(flags: ServeFlags, terminal: Terminal): Promise<void> {
  const { host, port, device, vae, previewVae, memory, queue: capacity } = flags;
  const server = await createServer({
    models: await servedModels(flags, terminal),
    device,
    vae,
    previewVae,
    memory: memory === undefined ? undefined : memory * MEGABYTE,
    queue: new FairQueue({ capacity }),
    limits: limitsOf(flags),
    apiKey: flags.apiKey,
    isPublic: !flags.auth,
    origins: flags.cors,
    publicUrl: flags.publicUrl,
    page: flags.page ? studioPage() : undefined,
    log: { level: flags.logLevel, prompts: flags.logPrompts },
  });
  if (flags.page && !isStudioBuilt()) terminal.note('note: the page at / is not built: run npm run build');
  try {
    terminal.result(await server.listen({ host, port }));
    if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
    terminal.note(`stopping: running requests have ${flags.drain} s`);
  } finally {
    await server.close({ drainSeconds: flags.drain });
  }
}

/** The limits that were named. */
function limitsOf({ maxPixels, maxSteps, maxImages, maxPrompt, maxBody, maxSeconds }: ServeFlags): ServerLimits {
  return {
    pixels: maxPixels ?? DEFAULT_LIMITS.pixels,
    steps: maxSteps ?? DEFAULT_LIMITS.steps,
    images: maxImages ?? DEFAULT_LIMITS.images,
    promptCharacters: maxPrompt ?? DEFAULT_LIMITS.promptCharacters,
    bodyBytes: maxBody === undefined ? DEFAULT_LIMITS.bodyBytes : maxBody * MEGABYTE,
    seconds: maxSeconds ?? DEFAULT_LIMITS.seconds,
    uploadPixels: DEFAULT_LIMITS.uploadPixels,
  };
}
