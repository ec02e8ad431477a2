import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LascauxError, check, lockFile, type FileLock, renamePatiently } from '@lascaux/nn';

/** Errors name files as they would have been called. */
function renamed(error: LascauxError, temporary: string, out: string): LascauxError {
  const { operation, rule, value, accepted, kind } = error;
  if (!operation.startsWith(temporary)) return error;
  const path = out + operation.slice(temporary.length);
  return new LascauxError({ operation: path, rule, value, accepted, kind, cause: error.cause });
}

/** Removes what a killed process left of the same folder; only while its lock is held. */
async function removeLeftovers(out: string): Promise<void> {
  const [begin, parent] = [`.${basename(out)}.`, dirname(out)];
  const isLeftover = (name: string): boolean =>
    name.startsWith(begin) && /^[0-9a-f]{8}\.tmp$/.test(name.slice(begin.length));
  const stray = (await readdir(parent)).filter(isLeftover);
  await Promise.all(stray.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

/**
 * Makes a folder that is there whole or not at all: it is filled under a temporary name beside it, then renamed.
 * @throws the signal's reason when it was aborted
 * @throws {LascauxError} when something of that name exists, another process is making it, or it cannot be made; nothing is left behind
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
    option: 'out',
    rule: 'must not exist yet; remove it or choose another name',
    value: path,
    kind: 'usage',
  });
  const parent = dirname(out);
  const temporary = join(parent, `.${basename(out)}.${randomUUID().slice(0, 8)}.tmp`);
  let made: string | undefined;
  let lock: FileLock | undefined;
  try {
    made = await mkdir(parent, { recursive: true });
    lock = await lockFile(join(parent, `.${basename(out)}.lock`));
    check(lock !== undefined, { option: 'out', rule: 'is being made by another process', value: path });
    await removeLeftovers(out);
    await mkdir(temporary);
    await fill(temporary);
    await renamePatiently(temporary, out);
    await lock.release();
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    await lock?.release();
    if (made !== undefined) await rm(made, { recursive: true, force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    if (cause instanceof LascauxError) throw renamed(cause, temporary, out);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: `cannot be written: ${reason}`, cause });
  }
}
