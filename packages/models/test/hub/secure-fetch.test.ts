import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { secureFetch } from '../../src/hub/secure-fetch.js';

const servers: Server[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const redirectTo = (location: string, status = 302) => new Response(null, { status, headers: { location } });

/** Answers as if from the web, by address. */
function stubWeb(answers: Readonly<Record<string, () => Response>>): { url: string; token: string | null }[] {
  const seen: { url: string; token: string | null }[] = [];
  vi.stubGlobal('fetch', (url: string, { headers }: { headers: Headers }) => {
    seen.push({ url, token: headers.get('authorization') });
    return Promise.resolve(answers[url]!());
  });
  return seen;
}

const token = new Headers({ authorization: 'Bearer x' });

describe('secureFetch', () => {
  it.each([301, 302, 303, 307, 308])(
    'follows %i from https to https, without the token to another host',
    async (status) => {
      const seen = stubWeb({
        'https://hub/a': () => redirectTo('/b', status),
        'https://hub/b': () => redirectTo('https://storage/c', status),
        'https://storage/c': () => new Response('here'),
      });
      expect(await (await secureFetch('https://hub/a', { headers: token })).text()).toBe('here');
      expect(seen).toEqual([
        { url: 'https://hub/a', token: 'Bearer x' },
        { url: 'https://hub/b', token: 'Bearer x' },
        { url: 'https://storage/c', token: null },
      ]);
    },
  );

  it.each(['http://hub/a', 'http://storage/c', 'file:///etc/passwd', 'data:text/plain,x'])(
    'refuses to go from https to %s',
    async (location) => {
      const seen = stubWeb({ 'https://hub/a': () => redirectTo(location) });
      await expect(secureFetch('https://hub/a')).rejects.toThrow('https://hub: redirects from a private connection');
      expect(seen).toHaveLength(1);
    },
  );

  it('refuses an address over http that an answer over https named', async () => {
    await expect(secureFetch('http://hub/next', {}, 'https://hub')).rejects.toThrow('redirects from a private');
  });

  it('takes http where it was asked for', async () => {
    stubWeb({ 'http://hub/a': () => redirectTo('http://hub/b'), 'http://hub/b': () => new Response('here') });
    expect(await (await secureFetch('http://hub/a')).text()).toBe('here');
  });

  it('does not run in circles, nor to what is no address', async () => {
    stubWeb({ 'https://hub/a': () => redirectTo('/a'), 'https://hub/b': () => redirectTo('http://') });
    await expect(secureFetch('https://hub/a')).rejects.toThrow('redirects more than 20 times');
    await expect(secureFetch('https://hub/b')).rejects.toThrow('redirects to what is no address');
  });
});

describe('the proxy of the environment', () => {
  /** A proxy that tunnels (RFC 9110, 9.3.6), and the hosts that it was asked for. */
  async function startProxy(): Promise<{ address: string; hosts: string[] }> {
    const hosts: string[] = [];
    const address = await serve((_, response) => response.writeHead(400).end());
    servers.at(-1)!.on('connect', (request, client) => {
      hosts.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':') as [string, string];
      const target = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(client).on('error', () => target.destroy());
        client.pipe(target).on('error', () => client.destroy());
      });
    });
    return { address, hosts };
  }

  function onlyProxy(variables: Readonly<Record<string, string>>): void {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'])
      for (const spelled of [name, name.toLowerCase()]) vi.stubEnv(spelled, variables[spelled] ?? '');
  }

  it.each(['HTTP_PROXY', 'http_proxy'])('is used where %s names it', async (name) => {
    const site = await serve((_, response) => response.end('here'));
    const { address, hosts } = await startProxy();
    onlyProxy({ [name]: address });
    const response = await secureFetch(`${site}/a`);
    expect([response.status, await response.text()]).toEqual([200, 'here']);
    expect(hosts).toEqual([new URL(site).host]);
  });

  it('is passed by for the hosts of NO_PROXY', async () => {
    const site = await serve((_, response) => response.end('here'));
    const { address, hosts } = await startProxy();
    onlyProxy({ HTTP_PROXY: address, NO_PROXY: 'example.org,127.0.0.1' });
    expect(await (await secureFetch(site)).text()).toBe('here');
    expect(hosts).toEqual([]);
  });

  it('must have an address', async () => {
    onlyProxy({ HTTPS_PROXY: 'not an address' });
    await expect(secureFetch('http://127.0.0.1:9')).rejects.toThrow('must be the address of a proxy');
  });
});
