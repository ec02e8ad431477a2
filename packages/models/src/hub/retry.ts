import { setTimeout as wait } from 'node:timers/promises';
import type { RetryOptions } from './hub-settings.js';

/** Answers that may be different the next time. */
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** Whether an answer with this status is worth asking for again. */
export const mayPass = (status: number): boolean => PASSING_STATUSES.has(status);

/** Milliseconds to wait after failure number `failures` (1, 2 …): doubling, up to the longest. */
export const backOff = (failures: number, { firstDelay, longestDelay }: RetryOptions): number =>
  Math.min(firstDelay * 2 ** (failures - 1), longestDelay);

/**
 * What the hub asks to wait, in milliseconds: `Retry-After` as seconds or as a date (RFC 9110, 10.2.3), else the reset
 * time `t` of a `RateLimit` header whose remainder `r` is 0; undefined when it asks for nothing.
 */
export function requestedWait(headers: Headers, now = Date.now()): number | undefined {
  const after = headers.get('retry-after')?.trim();
  if (after !== undefined && /^\d+$/.test(after)) return Number(after) * 1000;
  const date = after === undefined ? NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const reset = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return reset === undefined ? undefined : Number(reset) * 1000;
}

/** Waits; rejects with the signal's reason when it is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
