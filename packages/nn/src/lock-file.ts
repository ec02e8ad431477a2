import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { renamePatiently } from './rename-patiently.js';

/** A lock is given a sign of life this often, in milliseconds; without one for `ABANDONED` it is nobody's. */
const SIGN_OF_LIFE = 2_000;
const ABANDONED = 30_000;

/** A lock that is held. */
export interface FileLock {
  /** Gives it up; harmless when somebody else took it over meanwhile. */
  readonly release: () => Promise<void>;
}

/**
 * Takes a lock: a file that names host and process (Node has no `flock`). One whose process is gone is taken over at
 * once, one without a sign of life for 30 s too.
 * Why: docs/decisions/0111.
 * @param path a file in a folder that exists
 * @returns undefined while another process, or another call of this one, holds it
 * @throws the file system's error when the file cannot be made; nothing is left behind
 */
export async function lockFile(path: string): Promise<FileLock | undefined> {
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  while (!(await create(path, owner))) {
    const abandoned = await abandonedOwner(path);
    if (abandoned === undefined) return undefined;
    await discard(path, abandoned);
  }
  const timer = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, SIGN_OF_LIFE);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      if ((await readFile(path, 'utf8').catch(() => '')) === owner)
        await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file
      .writeFile(owner)
      .finally(() => file.close())
      .catch(async (error: unknown) => {
        await rm(path, { force: true });
        throw error;
      });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The owner of a lock whose process on this machine is gone, or that shows no sign of life; undefined for one that is held. */
async function abandonedOwner(path: string): Promise<string | undefined> {
  const [text, stats] = await Promise.all([readFile(path, 'utf8').catch(() => ''), stat(path).catch(() => undefined)]);
  if (stats === undefined) return undefined;
  const [host, pid] = text.split(' ');
  const isGone = host === hostname() && !isRunning(Number(pid));
  return isGone || Date.now() - stats.mtimeMs > ABANDONED ? text : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Of several processes that find an abandoned lock, one gets it out of the way; a newer one that was caught goes back. */
async function discard(path: string, owner: string): Promise<void> {
  const aside = `${path}.${randomUUID().slice(0, 8)}`;
  await renamePatiently(path, aside).catch(() => undefined);
  const caught = await readFile(aside, 'utf8').catch(() => owner);
  if (caught !== owner) await renamePatiently(aside, path);
  await rm(aside, { force: true });
}
