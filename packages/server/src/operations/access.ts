import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errorReply } from '../http/api-error.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a key: health, and images whose name is the key. */
    readonly isOpen?: boolean;
  }
}

/** Who may use a server. */
export interface Access {
  /** What clients must present, as a bearer or as the password of basic authentication; undefined: anybody may paint. */
  readonly apiKey?: string;
  /** Origins whose pages may call it, such as `https://example.org`, or `*`. */
  readonly origins: readonly string[];
  /** Whether only names of this machine may stand in `Host`: pages of others could reach it by a name that they point here. */
  readonly isLocalOnly: () => boolean;
}

/** Whether an address is this machine's own. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Refuses requests without the key, of pages from elsewhere, and under other names. */
export function guardAccess(app: FastifyInstance, access: Access): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = refusalOf(request, access);
    if (refusal === undefined) return done();
    void reply
      .code(refusal.status)
      .headers(refusal.headers ?? {})
      .send(refusal.body);
  });
}

function refusalOf(request: FastifyRequest, { apiKey, origins, isLocalOnly }: Access) {
  const { headers, host, hostname } = request;
  const isForeign = headers.origin !== undefined && !isAllowed(headers.origin, { host, origins });
  if (isForeign)
    return errorReply(403, { message: 'pages of this origin may not call here', code: 'origin_not_allowed' });
  if (isLocalOnly() && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    return errorReply(403, { message: 'this server answers by the names of this machine', code: 'host_not_allowed' });
  if (apiKey === undefined || request.routeOptions.config.isOpen === true || request.method === 'OPTIONS')
    return undefined;
  if (presentedKeys(headers.authorization).some((key) => isEqual(key, apiKey))) return undefined;
  const facts = { message: 'a valid API key is needed', type: 'authentication_error', code: 'invalid_api_key' };
  return errorReply(401, facts, { 'www-authenticate': 'Bearer, Basic realm="lascaux"' });
}

const isAllowed = (origin: string, { host, origins }: { host: string; origins: readonly string[] }): boolean =>
  origins.includes('*') || origins.includes(origin) || origin === `http://${host}` || origin === `https://${host}`;

/** The keys that a header may mean: a bearer's, or of basic authentication the password, the user, or both as they stand. */
function presentedKeys(authorization = ''): readonly string[] {
  const [scheme = '', value = ''] = authorization.split(/\s+/, 2);
  if (/^bearer$/i.test(scheme)) return [value];
  if (!/^basic$/i.test(scheme)) return [];
  const text = Buffer.from(value, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? [text] : [text, text.slice(0, colon), text.slice(colon + 1)];
}

/** In a time that tells nothing about the key. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
