import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { pause } from './retry.js';

/** How a lock is waited for. */
export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when another process holds the lock. */
  readonly onWait?: () => void;
}

/** A lock is given a sign of life this often, in milliseconds; without one for `ABANDONED` it is nobody's. */
const SIGN_OF_LIFE = 2_000;
const ABANDONED = 30_000;
const LOOK_AGAIN = 200;

/**
 * Runs `work` while no other process of ours pulls the same repository. It only saves a second download: that the cache
 * stays right rests on whole files being moved into place, not on the lock. A folder that cannot be written to needs none.
 */
export async function whileLocked<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  await acquire(path, owner, options);
  const timer = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, SIGN_OF_LIFE);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if ((await readFile(path, 'utf8').catch(() => '')) === owner)
      await rm(path, { force: true }).catch(() => undefined);
  }
}

async function acquire(path: string, owner: string, { signal, onWait }: LockOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  for (let told = false; ;) {
    if (await create(path, owner)) return;
    if (await isAbandoned(path)) {
      await discard(path);
      continue;
    }
    if (!told) onWait?.();
    told = true;
    await pause(LOOK_AGAIN, signal);
  }
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(owner).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A lock whose process on this machine is gone, or that shows no sign of life. */
async function isAbandoned(path: string): Promise<boolean> {
  const [text, facts] = await Promise.all([readFile(path, 'utf8').catch(() => ''), stat(path).catch(() => undefined)]);
  if (facts === undefined) return false;
  const [host, pid] = text.split(' ');
  if (host === hostname() && !isRunning(Number(pid))) return true;
  return Date.now() - facts.mtimeMs > ABANDONED;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Of several processes that find an abandoned lock, one gets it out of the way. */
async function discard(path: string): Promise<void> {
  const aside = `${path}.${randomUUID().slice(0, 8)}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
}
