import { randomUUID } from 'node:crypto';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';

/** Errors name files as they would have been called. */
function renamed(error: LascauxError, temporary: string, out: string): LascauxError {
  const { operation, rule, value, accepted, kind } = error;
  if (!operation.startsWith(temporary)) return error;
  const path = out + operation.slice(temporary.length);
  return new LascauxError({ operation: path, rule, value, accepted, kind, cause: error.cause });
}

/**
 * Makes a folder that is there whole or not at all: it is filled under a temporary name beside it, then renamed.
 * @throws the signal's reason when it was aborted
 * @throws {LascauxError} when something of that name exists or the folder cannot be made; nothing is left behind
 */
export async function makeFolder(
  path: string,
  { fill, signal }: { readonly fill: (temporary: string) => Promise<void>; readonly signal?: AbortSignal },
): Promise<void> {
  const out = resolve(path);
  const exists = await lstat(out).then(
    () => true,
    () => false,
  );
  check(!exists, {
    operation: '--out',
    rule: 'must not exist yet; remove it or choose another name',
    value: path,
    kind: 'usage',
  });
  const parent = dirname(out);
  const temporary = join(parent, `.${basename(out)}.${randomUUID().slice(0, 8)}.tmp`);
  let made: string | undefined;
  try {
    made = await mkdir(parent, { recursive: true });
    await mkdir(temporary);
    await fill(temporary);
    await rename(temporary, out);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (made !== undefined) await rm(made, { recursive: true, force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    if (cause instanceof LascauxError) throw renamed(cause, temporary, out);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: `cannot be written: ${reason}`, cause });
  }
}
