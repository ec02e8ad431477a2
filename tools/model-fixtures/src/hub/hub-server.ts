import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file that the server offers. */
export interface ServedFile {
  readonly content: Buffer;
  /** Stored as a large file: named by its SHA-256, and sent from the other host. */
  readonly large: boolean;
}

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly host: 'hub' | 'storage';
  readonly headers: IncomingMessage['headers'];
}

/** Handles a request before the server does; true when it has answered. */
export type Interference = (request: SeenRequest, response: ServerResponse) => boolean;

/** A hub with one repository `owner/name`, on two ports: the hub itself and the storage that large files come from. */
export interface HubServer {
  readonly endpoint: string;
  readonly commit: string;
  readonly seen: SeenRequest[];
  /** Requests whose URL contains the text. */
  readonly requests: (text: string) => SeenRequest[];
  /** Replaced by tests. */
  interfere: Interference;
  /** Files a page of the listing. */
  pageSize: number;
  /** Listed instead of what is true. */
  listed: Record<string, { size?: number; sha256?: string }>;
  /** Token that is asked for, if any. */
  token?: string;
  readonly close: () => Promise<void>;
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** Starts the server. */
export async function startHub(files: Record<string, ServedFile>): Promise<HubServer> {
  const servers: Server[] = [];
  const listen = async (host: SeenRequest['host']): Promise<string> => {
    const server = createServer((request, response) => handle(host, request, response));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const endpoint = await listen('hub');
  const storage = await listen('storage');

  const hub: HubServer = {
    endpoint,
    commit: COMMIT,
    seen: [],
    requests: (text) => hub.seen.filter(({ url }) => url.includes(text)),
    interfere: () => false,
    pageSize: 5,
    listed: {},
    async close() {
      await Promise.all(
        servers.map(async (server) => {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };

  function handle(host: SeenRequest['host'], request: IncomingMessage, response: ServerResponse): void {
    const seen = { method: request.method ?? '', url: request.url ?? '', host, headers: request.headers };
    hub.seen.push(seen);
    if (hub.interfere(seen, response)) return;
    const url = new URL(seen.url, endpoint);
    const path = decodeURIComponent(url.pathname);
    if (host === 'storage') {
      const name = Object.keys(files).find((key) => `/${sha256(files[key]!.content)}` === path);
      return name === undefined ? refuse(response, 404, 'EntryNotFound') : sendFile(seen, response, files[name]!);
    }
    if (hub.token !== undefined && request.headers.authorization !== `Bearer ${hub.token}`)
      return refuse(response, 401, 'RepoNotFound');
    const [, revision, tree, resolved] =
      /^\/api\/models\/owner\/name\/revision\/(.+)$|^\/api\/models\/owner\/name\/tree\/(.+)$|^\/owner\/name\/resolve\/(.+)$/.exec(
        path,
      ) ?? [];
    if (revision !== undefined) return sendInfo(response, revision);
    if (tree !== undefined) return sendTree(url, response);
    if (resolved !== undefined) return resolveFile(resolved, seen, response);
    return refuse(response, 404, 'RepoNotFound');
  }

  function sendInfo(response: ServerResponse, revision: string): void {
    if (!['main', 'v1', COMMIT].includes(revision)) return refuse(response, 404, 'RevisionNotFound');
    const lastModified = '2024-01-01T00:00:00.000Z';
    const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
    sendJson(response, {
      _id: '1',
      id: 'owner/name',
      modelId: 'owner/name',
      sha: COMMIT,
      private: false,
      gated: false,
      downloads: 0,
      likes: 0,
      tags: [],
      lastModified,
      createdAt: lastModified,
      siblings,
    });
  }

  function sendTree(url: URL, response: ServerResponse): void {
    const names = Object.keys(files);
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const page = names.slice(start, start + hub.pageSize);
    if (start + hub.pageSize < names.length) {
      url.searchParams.set('cursor', String(start + hub.pageSize));
      response.setHeader('Link', `<${url.href}>; rel="next"`);
    }
    const folders = start === 0 ? [{ type: 'directory', oid: '0'.repeat(40), size: 0, path: 'unet' }] : [];
    sendJson(response, [...folders, ...page.map((path) => entryOf(path, files[path]!))]);
  }

  function entryOf(path: string, { content, large }: ServedFile): object {
    const { size = content.length, sha256: hash = sha256(content) } = hub.listed[path] ?? {};
    const oid = gitHash(large ? Buffer.from(`pointer to ${hash}`) : content);
    return { type: 'file', path, size, oid, ...(large ? { lfs: { oid: hash, size, pointerSize: 130 } } : {}) };
  }

  function resolveFile(rest: string, seen: SeenRequest, response: ServerResponse): void {
    const [revision = '', ...names] = rest.split('/');
    const file = files[names.join('/')];
    if (file === undefined) return refuse(response, 404, 'EntryNotFound');
    response.setHeader('X-Repo-Commit', COMMIT);
    if (revision !== COMMIT) {
      response.writeHead(307, { Location: `/owner/name/resolve/${COMMIT}/${names.join('/')}` }).end();
      return;
    }
    if (!file.large) return sendFile(seen, response, file);
    const etag = sha256(file.content);
    response.writeHead(302, {
      Location: `${storage}/${etag}`,
      'X-Linked-Etag': `"${etag}"`,
      'X-Linked-Size': String(file.content.length),
    });
    response.end();
  }

  return hub;
}

function sendFile({ method, headers }: SeenRequest, response: ServerResponse, { content, large }: ServedFile): void {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? NaN);
  response.setHeader('ETag', `"${large ? sha256(content) : gitHash(content)}"`);
  response.setHeader('Accept-Ranges', 'bytes');
  if (Number.isNaN(start)) {
    response.writeHead(200, { 'Content-Length': content.length });
    response.end(method === 'HEAD' ? undefined : content);
  } else if (start >= content.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
  } else {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { 'Content-Range': range, 'Content-Length': content.length - start });
    response.end(content.subarray(start));
  }
}

/** Answers with an error as the hub does. */
export function refuse(response: ServerResponse, status: number, code?: string, headers: Record<string, string> = {}) {
  const error = code === undefined ? {} : { 'X-Error-Code': code };
  response.writeHead(status, { ...error, ...headers, 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ error: code ?? 'an error' }));
}

/** Sends the first bytes of a body and cuts the connection. */
export function cutAfter(response: ServerResponse, content: Buffer, bytes: number): void {
  response.writeHead(200, { 'Content-Length': content.length });
  response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 5));
}

function sendJson(response: ServerResponse, json: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(json));
}

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Git's hash of a file. */
export const gitHash = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
