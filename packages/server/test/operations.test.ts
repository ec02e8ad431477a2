import { afterEach, describe, expect, it } from 'vitest';
import { createServer } from '../src/create-server.js';
import { isLoopback } from '../src/operations/access.js';
import { fakeModel } from './support/fake-painter.js';
import { fakeServer, type FakeServer, type FakeServerOptions } from './support/fake-server.js';

let server: FakeServer;
afterEach(() => server.close());
const start = async (options?: FakeServerOptions) => (server = await fakeServer(options));

const paint = (headers: Record<string, string> = {}, prompt = 'a cat') =>
  server.app.inject({ method: 'POST', url: '/v1/images/generations', payload: { prompt }, headers });
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('access', () => {
  it('needs the key where there is one, in any of the ways that programs have', async () => {
    await start({ access: { apiKey: 'secret' } });
    const given = ['', 'Bearer wrong', basic('user:wrong'), 'Bearer secret', basic('user:secret'), basic('secret')];
    const replies = await Promise.all(given.map((authorization) => paint({ authorization })));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 200, 200, 200]);
    expect(replies[0]!.json()).toMatchObject({ error: { code: 'invalid_api_key', type: 'authentication_error' } });
    for (const [url, status] of [
      ['/healthz', 200],
      ['/readyz', 200],
      ['/metrics', 401],
      ['/v1/models', 401],
      ['/sdapi/v1/options', 401],
      ['/openapi.json', 401],
    ] as const)
      expect([url, (await server.app.inject({ url })).statusCode]).toEqual([url, status]);
  });

  it('is refused to pages of other origins, unless they are named', async () => {
    await start({ access: { origins: ['https://example.org'] } });
    const origins = ['https://evil.example', 'null', 'https://example.org', 'http://localhost:80'];
    const replies = await Promise.all(origins.map((origin) => paint({ origin, host: 'localhost:80' })));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([403, 403, 200, 200]);
    expect(replies[2]!.headers['access-control-allow-origin']).toBe('https://example.org');
  });

  it('sends no CORS header of itself, and answers by the names of this machine', async () => {
    await start({ access: { isLocalOnly: () => true } });
    const hosts = ['evil.example:7860', 'localhost:7860', '127.0.0.1', '[::1]:7860'];
    const replies = await Promise.all(hosts.map((host) => paint({ host })));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([403, 200, 200, 200]);
    expect(replies[1]!.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('to other machines takes a key, or a clear word', async () => {
    await start();
    const models = [fakeModel()];
    const closed = await createServer({ models });
    await expect(closed.listen({ host: '0.0.0.0' })).rejects.toThrow('host: other machines may only paint here');
    await closed.close();
    for (const options of [{ apiKey: 'x' }, { isPublic: true }]) {
      const open = await createServer({ models, ...options });
      expect(await open.listen({ host: '0.0.0.0' })).toMatch(/^http/);
      await open.close();
    }
    expect(['127.0.0.1', 'localhost', '::1', '0.0.0.0', '10.0.0.1'].map(isLoopback)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('logs', () => {
  it.each([
    [false, 0],
    [true, 1],
  ])('hold prompts where that is asked for: %s', async (prompts, count) => {
    const lines: string[] = [];
    await start({ log: { level: 'info', prompts, stream: { write: (line) => void lines.push(line) } } });
    await paint({ authorization: 'Bearer key-1' }, 'a private cat');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => line.includes('a private cat'))).toHaveLength(count);
    expect(lines.join('')).not.toContain('key-1');
  });
});

it('metrics count requests, images and what waits', async () => {
  await start();
  await paint();
  const { payload, headers } = await server.app.inject({ url: '/metrics' });
  expect(headers['content-type']).toContain('text/plain');
  expect(payload).toContain(
    'lascaux_http_request_seconds_count{method="POST",route="/v1/images/generations",status="200"} 1',
  );
  expect(payload).toContain('lascaux_queue_waiting 0');
  expect(payload).toContain('lascaux_models_loaded 1');
});

describe('stopping', () => {
  it('lets running requests finish, and says that it is not ready', async () => {
    let stopping = false;
    await start({ milliseconds: 300, isStopping: () => stopping });
    const running = fetch(`${server.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a cat' }),
    });
    await expect.poll(() => server.service.queue.load.running, { timeout: 10_000 }).toBe(1);
    stopping = true;
    expect((await server.app.inject({ url: '/readyz' })).statusCode).toBe(503);
    await server.close(5);
    expect((await running).status).toBe(200);
  });

  it('answers what does not finish in time with 503', async () => {
    await start({ milliseconds: 4000 });
    const running = fetch(`${server.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a cat', num_inference_steps: 40 }),
    });
    await expect.poll(() => server.service.queue.load.running, { timeout: 10_000 }).toBe(1);
    await server.close(0.05);
    expect((await running).status).toBe(503);
    expect(await (await running).json()).toMatchObject({ error: { code: 'stopping' } });
  });
});
