import { LascauxError } from '@lascaux/nn';

/** A part of a path that means another folder, a drive on some system, or holds a control character. */
const UNSAFE_PART = /^\.{0,2}$|\\|\p{Cc}|^[a-z]:/iu;
/** Names a stream of a file on Windows. Files that we do not fetch may have it in their names. */
const STREAM = ':';

function refuse(path: string, repository: string): never {
  throw new LascauxError({
    operation: repository,
    rule: 'the repository names a file outside of its folder, or with control characters; nothing was written',
    value: JSON.stringify(path),
  });
}

/**
 * Looks at the names of all files of a repository, the ones that are not wanted too: who writes such names means harm.
 * @throws LascauxError naming the first that holds `..`, a backslash, a drive letter or a control character, or is absolute
 */
export function checkListedPath(path: string, repository: string): void {
  if (path.split('/').some((part) => UNSAFE_PART.test(part))) refuse(path, repository);
}

/**
 * A file's path as the server names it, once it is sure to stay within the folder that it is joined to, on every system.
 * @throws LascauxError for absolute paths, `..`, backslashes, drive letters and control characters.
 */
export function checkedPath(path: string, repository: string): string {
  checkListedPath(path, repository);
  if (path.includes(STREAM)) refuse(path, repository);
  return path;
}
