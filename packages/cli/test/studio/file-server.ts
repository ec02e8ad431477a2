import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** A plain web host. */
export interface FileServer {
  readonly url: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  close(): void;
}

/** Serves a folder as any web host does, below a path of its own; with the headers that let a page share memory, or without. */
export async function serveFiles(folder: string, { isIsolated = false } = {}): Promise<FileServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url!, 'http://localhost').pathname).replace(/^\/studio\//, '/');
    asked.push(path);
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    readFile(file).then(
      (bytes) => {
        const type = TYPES[extname(file)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, ...(isIsolated ? ISOLATED : {}) }).end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/studio/`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
