import { check } from '@lascaux/nn';

type Environment = Readonly<Record<string, string | undefined>>;

/** The value of the first variable that is set to something; lower-case names are older and win, as in curl. */
const first = (environment: Environment, name: string): string | undefined =>
  [environment[name.toLowerCase()], environment[name]].find((value) => value !== undefined && value !== '');

/** A proxy of the environment. @throws LascauxError (usage) when it is no address; its value may hold a password and is not shown */
function proxyOf(environment: Environment, name: string): string | undefined {
  const value = first(environment, name);
  const valid = value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol));
  check(valid, { operation: name, rule: 'must be the address of a proxy, such as http://proxy:3128', kind: 'usage' });
  return value;
}

/**
 * `fetch`, or one that goes through the proxies of `HTTPS_PROXY` and `HTTP_PROXY`, save to the hosts of `NO_PROXY`: Node 20's own does not
 * look at them. The library for that is loaded only where one is set.
 * @throws LascauxError (usage) when a proxy is no address
 */
export async function environmentFetch(environment: Environment = process.env): Promise<typeof fetch> {
  const [httpProxy, httpsProxy] = ['HTTP_PROXY', 'HTTPS_PROXY'].map((name) => proxyOf(environment, name));
  if (httpProxy === undefined && httpsProxy === undefined) return fetch;
  const { EnvHttpProxyAgent, fetch: fetchWith } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy: first(environment, 'NO_PROXY') });
  // Its types differ from Node's by name only.
  return ((url: string, init: object) => fetchWith(url, { ...init, dispatcher })) as unknown as typeof fetch;
}
