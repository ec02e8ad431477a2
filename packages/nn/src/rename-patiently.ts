import { rename } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Windows refuses to rename what a virus scanner or an indexer has open for a moment; elsewhere these last. */
const PASSING = new Set(['EPERM', 'EACCES', 'EBUSY']);
/** Milliseconds before each further try; two seconds in all. */
const PAUSES = [10, 50, 140, 300, 500, 1000];

/** Replaced by tests. */
interface RenameOptions {
  readonly platform?: NodeJS.Platform;
  readonly rename?: (from: string, to: string) => Promise<void>;
}

/**
 * Renames a file or folder; on Windows a refusal that may pass is met with a few more tries.
 * Why: docs/decisions/0143.
 * @throws the file system's error: at once, or on Windows when it still stands after two seconds
 */
export async function renamePatiently(
  from: string,
  to: string,
  { platform = process.platform, rename: tryRename = rename }: RenameOptions = {},
): Promise<void> {
  for (const pause of platform === 'win32' ? PAUSES : []) {
    try {
      return await tryRename(from, to);
    } catch (error) {
      if (!PASSING.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await wait(pause);
    }
  }
  await tryRename(from, to);
}
