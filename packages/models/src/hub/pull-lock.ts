import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lockFile } from '@lascaux/nn';
import { pause } from './retry.js';

/** How a lock is waited for. */
export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when another process holds the lock. */
  readonly onWait?: () => void;
}

/** Milliseconds between two looks at a lock that another process holds. */
const LOOK_AGAIN = 200;

/**
 * Runs `work` while no other process of ours pulls the same repository. It only saves a second download: that the cache
 * stays right rests on whole files being moved into place, not on the lock.
 */
export async function whileLocked<T>(
  path: string,
  { signal, onWait }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let lock = await lockFile(path);
  if (lock === undefined) onWait?.();
  while (lock === undefined) {
    await pause(LOOK_AGAIN, signal);
    lock = await lockFile(path);
  }
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
