import { LascauxError, check, limits } from '@lascaux/nn';
import { environmentFetch } from './environment-fetch.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Where an answer sends us; undefined where it sends us nowhere. */
function redirection(response: Response, from: URL): URL | undefined {
  const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
  if (location === null) return undefined;
  if (URL.canParse(location, from.href)) return new URL(location, from.href);
  throw new LascauxError({ operation: from.origin, rule: 'redirects to what is no address', value: location });
}

/** Once a connection is private, it stays so, and it never leaves the web. */
function checkProtocol(from: URL, to: URL): void {
  const safe = to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol !== 'https:');
  check(safe, {
    operation: from.origin,
    rule: 'redirects from a private connection (https) to one that anybody can read or change; refused',
    value: `${to.protocol}//${to.host}`,
  });
}

/** What goes along to another host: no token and no cookie. */
function withoutSecrets(headers: Headers): Headers {
  const rest = new Headers(headers);
  for (const name of ['authorization', 'cookie', 'proxy-authorization']) rest.delete(name);
  return rest;
}

/**
 * `fetch` through the proxy that the environment names, which follows redirects by itself: from https to https only, and without the token
 * to another host.
 * @param from the address that the request belongs to; the first hop counts as a redirect of it
 * @throws LascauxError when a redirect is refused; what `fetch` throws
 */
export async function secureFetch(
  address: string | URL,
  init: RequestInit & { readonly headers?: Headers } = {},
  from: string | URL = address,
): Promise<Response> {
  const fetchOnce = await environmentFetch();
  let [url, headers] = [new URL(address), init.headers ?? new Headers()];
  checkProtocol(new URL(from), url);
  for (let redirects = 0; redirects <= limits.redirects; redirects++) {
    const response = await fetchOnce(url.href, { ...init, headers, redirect: 'manual' });
    const next = redirection(response, url);
    if (next === undefined) return response;
    await response.body?.cancel();
    checkProtocol(url, next);
    if (next.origin !== url.origin) headers = withoutSecrets(headers);
    url = next;
  }
  throw new LascauxError({ operation: url.origin, rule: `redirects more than ${limits.redirects} times` });
}
