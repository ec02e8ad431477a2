import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeServer, type FakeServer } from './support/fake-server.js';

let server: FakeServer;
beforeAll(async () => {
  server = await fakeServer({ limits: { bodyBytes: 2 ** 20 } });
});
afterAll(() => server.close());

const POSTS = [
  '/v1/images/generations',
  '/v1/images/edits',
  '/v1/images/variations',
  '/v1/jobs',
  '/v1/jobs/x/cancel',
  '/sdapi/v1/txt2img',
  '/sdapi/v1/img2img',
  '/sdapi/v1/options',
  '/sdapi/v1/png-info',
  '/sdapi/v1/interrupt',
  '/mcp',
];

const nested = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
const BODIES: readonly (readonly [name: string, body: string | Buffer])[] = [
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '1e999'],
  ['a text', '"a cat"'],
  ['no JSON', '{'],
  ['nesting', nested],
  ['a prototype', '{"__proto__":{"n":1},"prompt":"x"}'],
  ['a constructor', '{"constructor":{"prototype":{"n":1}},"prompt":"x"}'],
  ['nulls', '{"prompt":null,"n":null,"size":null,"seed":null}'],
  ['huge numbers', '{"prompt":"x","n":1e308,"seed":1e308,"steps":1e308,"width":1e308,"height":-1e308}'],
  ['fractions', '{"prompt":"x","n":0.5,"seed":0.5,"steps":0.5,"batch_size":0.5,"width":8.5}'],
  ['objects for texts', '{"prompt":{"toString":1},"image":{},"init_images":[{}],"model":{}}'],
  ['zero bytes', '{"prompt":"\\u0000\\ud800","model":"\\u0000"}'],
  ['a path for an image', '{"prompt":"x","image":"../../etc/passwd","init_images":["../../etc/passwd"]}'],
  ['broken base64', '{"prompt":"x","image":"iVBORw0KGgo=","init_images":["iVBORw0KGgo="],"mask":"AAAA"}'],
  ['a wide size', '{"prompt":"x","size":"99999x00001","width":99999,"height":1}'],
  ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
];
const TYPES = [
  'application/json',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/json; charset=utf-16',
  '',
];

describe('hostile requests never make the server fail', () => {
  it.each(POSTS)(
    'POST %s',
    async (url) => {
      for (const [name, payload] of BODIES)
        for (const type of TYPES) {
          const headers = {
            ...(type === '' ? {} : { 'content-type': type }),
            accept: 'application/json, text/event-stream',
          };
          const { statusCode } = await server.app.inject({ method: 'POST', url, payload, headers });
          expect({ name, type, statusCode, ok: statusCode < 500 }).toMatchObject({ ok: true });
        }
    },
    60_000,
  );

  it.each([
    '/v1/models/..%2f..%2fetc%2fpasswd',
    '/v1/images/files/..%2f..%2fetc%2fpasswd',
    '/v1/jobs/%00',
    '/v1/jobs/%ff/events',
    '/%',
    '/sdapi/v1/progress?skip_current_image=x&skip_current_image=y',
    `/${'a'.repeat(10_000)}`,
  ])('GET %s', async (url) => {
    expect((await server.app.inject({ url })).statusCode).toBeLessThan(500);
  });

  it('forms that are broken, endless or of another kind', async () => {
    const part = (name: string, more = '') => `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
    const file = '; filename="x.png"';
    const forms = [
      '--x',
      `${part('prompt')}a`,
      `${part('image', file)}no image\r\n--x--\r\n`,
      `${part('__proto__')}1\r\n${part('prompt')}a\r\n--x--\r\n`,
      `${part('image')}text, no file\r\n${part('prompt')}a\r\n--x--\r\n`,
      `${part('prompt', file)}a file, no text\r\n--x--\r\n`,
      Array.from({ length: 100 }, (_, i) => `${part(`f${i}`)}1\r\n`).join('') + '--x--\r\n',
      Array.from({ length: 30 }, () => `${part('image', file)}1\r\n`).join('') + '--x--\r\n',
    ];
    for (const payload of forms) {
      const headers = { 'content-type': 'multipart/form-data; boundary=x' };
      const reply = await server.app.inject({ method: 'POST', url: '/v1/images/edits', payload, headers });
      expect([400, 413], payload.slice(0, 80)).toContain(reply.statusCode);
    }
  });

  it('lines that are no HTTP, and connections that break off', async () => {
    const port = Number(new URL(server.url).port);
    const send = (text: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(text));
        socket
          .resume()
          .on('close', () => resolve())
          .on('error', () => resolve());
      });
    await send('GET / HTTP/9.9\r\n\r\n');
    await send('\u0000\u0001\u0002');
    await send('POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await expect.poll(() => server.service.queue.load).toEqual({ waiting: 0, running: 0 });
  });
});
