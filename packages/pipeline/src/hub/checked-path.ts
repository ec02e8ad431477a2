import { check } from '@lascaux/nn';

/** A part of a path that means another folder, a drive or a stream on some system, or holds a control character. */

const UNSAFE_PART = /^\.{0,2}$|[\\:\u0000-\u001f\u007f]/;

/**
 * A file's path as the server names it, once it is sure to stay within the folder that it is joined to, on every system.
 * @throws LascauxError for absolute paths, `..`, backslashes, drive letters and control characters.
 */
export function checkedPath(path: string, repository: string): string {
  check(!path.split('/').some((part) => UNSAFE_PART.test(part)), {
    operation: repository,
    rule: 'the repository names a file outside of its folder; nothing was written',
    value: JSON.stringify(path),
  });
  return path;
}
