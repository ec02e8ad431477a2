import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LascauxError, check, renamePatiently } from '@lascaux/nn';
import { secureFetch } from '@lascaux/models/hub';

/** A file on the web, and how its SHA-256 begins in hexadecimal. */
export interface CheckedDownload {
  readonly url: string;
  readonly sha256: string;
}

/**
 * Downloads a file to `path`, which comes to be only when the whole file is there and its SHA-256 begins as it should.
 *
 * @throws LascauxError naming the URL when it cannot be reached, answers with an error, or gives another file.
 */
export async function downloadChecked(
  { url, sha256 }: CheckedDownload,
  options: { path: string; signal?: AbortSignal; onProgress?: (done: number, total: number) => void },
): Promise<void> {
  const { path, signal, onProgress } = options;
  const response = await reach(url, signal);
  const { status, body } = response;
  check(response.ok && body !== null, { operation: url, rule: 'the server must give the file', value: status });
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
  const file = await open(partial, 'wx');
  try {
    const hash = createHash('sha256');
    const total = Number(response.headers.get('content-length') ?? 0);
    let done = 0;
    for await (const chunk of body) {
      const bytes = chunk as Uint8Array;
      hash.update(bytes);
      await file.write(bytes);
      onProgress?.((done += bytes.length), total);
    }
    await file.close();
    const digest = hash.digest('hex');
    const rule = `the file must have a SHA-256 that begins with ${sha256}`;
    check(digest.startsWith(sha256), { operation: url, rule, value: `${digest.slice(0, 16)}… of ${done} bytes` });
    await renamePatiently(partial, path);
  } catch (cause) {
    if (cause instanceof LascauxError || signal?.aborted) throw cause;
    throw new LascauxError({ operation: url, rule: `the download broke off (${reasonOf(cause)})`, cause });
  } finally {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
  }
}

async function reach(url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await secureFetch(url, { signal });
  } catch (cause) {
    if (signal?.aborted || cause instanceof LascauxError) throw cause;
    const rule = `cannot be reached (${reasonOf(cause)}); without a network, get the file elsewhere and name it (weights)`;
    throw new LascauxError({ operation: url, rule, cause });
  }
}

/** `fetch` hides the reason in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
