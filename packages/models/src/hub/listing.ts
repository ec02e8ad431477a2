import { LascauxError, check, limits } from '@lascaux/nn';
import { z } from 'zod';
import { boundedFetch } from './bounded-fetch.js';
import { checkListedPath } from './checked-path.js';
import type { HubClient } from './hub-fetch.js';
import { isCommit } from './repository-id.js';

/** A file of a repository. */
export interface RepositoryFile {
  /** Within the repository, with forward slashes. Comes from the server: see `checkedPath`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** What the hub calls its ETag and the cache its blob: SHA-256 of large (LFS) files, the git hash of all others. */
  readonly etag: string;
}

const entrySchema = z.object({
  type: z.string(),
  path: z.string().min(1).max(4096),
  size: z.int().min(0).default(0),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size: z.int().min(0) }).nullish(),
});

/**
 * Asks the hub which commit a revision is.
 * @throws LascauxError when there is no such repository or revision, or no access; HubUnavailable when it does not answer.
 */
export async function resolveCommit(client: HubClient, name: string, revision: string): Promise<string> {
  const { modelInfo } = await import('@huggingface/hub');
  const { sha } = await asHubAnswer(client, () =>
    modelInfo({
      name,
      revision,
      additionalFields: ['sha'],
      hubUrl: client.settings.endpoint,
      fetch: boundedFetch(client),
    }),
  );
  check(typeof sha === 'string' && isCommit(sha), notAHub(client, `the commit ${String(sha)}`));
  return sha;
}

/**
 * Asks the hub for all files of a commit, page by page.
 * @throws LascauxError as {@link resolveCommit}.
 */
export async function listRepository(client: HubClient, name: string, commit: string): Promise<RepositoryFile[]> {
  const { listFiles } = await import('@huggingface/hub');
  const { endpoint: hubUrl } = client.settings;
  return asHubAnswer(client, async () => {
    const files: RepositoryFile[] = [];
    let entries = 0;
    for await (const entry of listFiles({
      repo: name,
      revision: commit,
      recursive: true,
      hubUrl,
      fetch: boundedFetch(client),
    })) {
      const { type, path, size, oid, lfs } = entrySchema.parse(entry);
      checkListedPath(path, client.repository);
      check(++entries <= limits.repositoryFiles, {
        operation: client.repository,
        rule: `more than ${limits.repositoryFiles} files`,
      });
      if (type !== 'file') continue;
      const etag = lfs?.oid ?? oid ?? '';
      check(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(etag), notAHub(client, `the hash "${etag}" of ${path}`));
      files.push({ path, size: lfs?.size ?? size, etag });
    }
    return files;
  });
}

/** Whatever cannot be read as an answer of the hub's is one error. */
async function asHubAnswer<T>(client: HubClient, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    client.settings.signal?.throwIfAborted();
    if (cause instanceof LascauxError) throw cause;
    throw new LascauxError({ ...notAHub(client, cause instanceof Error ? cause.message : String(cause)), cause });
  }
}

const notAHub = (client: HubClient, value: string) => ({
  operation: client.repository,
  rule: `${client.settings.endpoint} does not answer as a hub does`,
  value,
});
