import { check } from '@lascaux/nn';

/** A model repository of the hub at one revision. */
export interface RepositoryId {
  /** `owner/name`. */
  readonly name: string;
  /** Branch, tag or commit; `main` where the text named none. */
  readonly revision: string;
}

/** Letters, digits and `_ . -`, neither `.` nor `-` at an end, up to 96 of them: the hub's own rule. */
const NAME_PART = /^\w(?:[\w.-]{0,94}\w)?$/;
/** What git allows in the name of a branch or tag, less all that could mean something else in a path or a URL. */
const REVISION = /^\w[\w./+-]{0,254}$/;
const COMMIT = /^[0-9a-f]{40}$/;

/** Whether a revision is a full commit hash, which never changes its meaning. */
export const isCommit = (revision: string): boolean => COMMIT.test(revision);

/** Whether a text has the form of a hub id, `owner/name` or `owner/name@revision`, so that it is worth asking the hub. */
export function looksLikeRepositoryId(text: string): boolean {
  const [name = ''] = text.split('@', 1);
  return isRepositoryName(name);
}

/**
 * Reads `owner/name[@revision]`.
 * @param revision wins over a revision within the text
 * @throws LascauxError (usage) when the text is not an id, or the revision cannot be the name of one.
 */
export function parseRepositoryId(text: string, { revision, operation = 'model' }: ParseOptions = {}): RepositoryId {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  check(isRepositoryName(name), {
    operation,
    rule: 'must be the id of a model on the hub',
    value: text,
    accepted: ['owner/name', 'owner/name@revision'],
    kind: 'usage',
  });
  const wanted = revision ?? (at < 0 ? 'main' : text.slice(at + 1));
  check(isRevision(wanted), {
    operation,
    rule: 'the revision must be a branch, a tag or a commit',
    value: wanted,
    kind: 'usage',
  });
  return { name, revision: wanted };
}

/** How an id is read. */
interface ParseOptions {
  readonly revision?: string;
  /** Named in errors. */
  readonly operation?: string;
}

function isRepositoryName(name: string): boolean {
  const parts = name.split('/');
  return parts.length === 2 && parts.every((part) => NAME_PART.test(part)) && !/--|\.\.|\.git$/.test(name);
}

function isRevision(revision: string): boolean {
  const parts = revision.split('/');
  return REVISION.test(revision) && parts.every((part) => part !== '' && !part.startsWith('.') && !part.includes('..'));
}
