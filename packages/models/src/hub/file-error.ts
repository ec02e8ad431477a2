import { LascauxError } from '@lascaux/nn';

/** Whether an error is the file system's, not the network's. */
export const isFileSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  'syscall' in error &&
  /^(?:open|read|write|mkdir|rename|symlink|copyfile|unlink|rm|stat)$/.test(String(error.syscall));

/** An error of the file system's as one line; any other as it is. */
export function asOneLine(error: unknown, repository: string): unknown {
  if (!isFileSystemError(error)) return error;
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  const rule = full
    ? 'the disk is full; make room, and the same command goes on from there'
    : `the files cannot be kept: ${error.message}`;
  return new LascauxError({ operation: repository, rule, cause: error });
}
