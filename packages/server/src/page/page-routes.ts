import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';

/** Everything comes from here; styles are set by scripts, images may be blobs. `wasm-unsafe-eval` is WebAssembly alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self' blob: data:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Names with a hash of their content, which never change. */
const FOREVER = 'public, max-age=31536000, immutable';
const NOT_BUILT = 'The page is not built yet: run `npm run build`. The interfaces for programs answer without it.\n';

/** `GET /` and what the page loads, which hold no secrets and need no key: the page asks for it and sends it along. */
export const pageRoutes =
  (folder: string): FastifyPluginAsync =>
  async (app) => {
    if (!existsSync(join(folder, 'index.html'))) return answerNotBuilt(app);
    await app.register(fastifyStatic, { root: folder, serve: false, cacheControl: false });
    const options = { schema: { hide: true }, config: { isOpen: true } };
    app.addHook('onRequest', (_, reply, done) => {
      void reply.headers(HEADERS);
      done();
    });
    app.get('/', options, (_, reply) => reply.header('cache-control', 'no-cache').sendFile('index.html'));
    app.get('/icon.svg', options, (_, reply) => reply.header('cache-control', 'no-cache').sendFile('icon.svg'));
    app.get<{ Params: { '*': string } }>('/assets/*', options, ({ params }, reply) =>
      reply.header('cache-control', FOREVER).sendFile(`assets/${params['*']}`),
    );
  };

function answerNotBuilt(app: FastifyInstance): void {
  app.get('/', { schema: { hide: true }, config: { isOpen: true } }, (_, reply) =>
    reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT),
  );
}
