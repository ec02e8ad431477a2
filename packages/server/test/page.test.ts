import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fakeServer, type FakeServer } from './support/fake-server.js';

let server: FakeServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>studio</title>');
  await writeFile(join(folder, 'assets/page-abc.js'), 'export {};');
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => server.close());

describe('the page', () => {
  it('is served without a key and within its policy; what it asks for needs the key', async () => {
    server = await fakeServer({ page: folder, access: { apiKey: 'secret' } });
    const page = await fetch(server.url);
    expect(await page.text()).toContain('studio');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'") as string,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    const script = await fetch(`${server.url}/assets/page-abc.js`);
    expect(script.headers.get('content-type')).toMatch(/javascript/);
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(401);
  });

  it.each([
    '/assets/../../etc/passwd',
    '/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/assets/..%5c..%5cx',
    '/assets/none.js',
    '/x',
  ])('and nothing beside it: %s', async (url) => {
    server = await fakeServer({ page: folder });
    const { statusCode, body } = await server.app.inject({ url });
    expect([403, 404]).toContain(statusCode);
    expect(body).not.toContain('studio');
  });

  it('says so where it is not built, and is not there where there is none', async () => {
    server = await fakeServer({ page: join(folder, 'none') });
    const { statusCode, body } = await server.app.inject({ url: '/' });
    expect([statusCode, body]).toEqual([503, expect.stringContaining('npm run build')]);
    await server.close();
    server = await fakeServer();
    expect((await server.app.inject({ url: '/' })).statusCode).toBe(404);
  });
});
