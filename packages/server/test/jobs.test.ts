import { afterEach, describe, expect, it } from 'vitest';
import { JobStore } from '../src/jobs/job-store.js';
import type { JobReply } from '../src/jobs/job.js';
import { fakeServer, type FakeServer, type FakeServerOptions } from './support/fake-server.js';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options?: FakeServerOptions): Promise<FakeServer> {
  server = await fakeServer(options);
  return server;
}

async function begin(payload: object, headers: Record<string, string> = {}) {
  return server!.app.inject({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'a cat', ...payload }, headers });
}
const job = async (id: string) => (await server!.app.inject({ url: `/v1/jobs/${id}` })).json<JobReply>();
const cancel = (id: string) => server!.app.inject({ method: 'POST', url: `/v1/jobs/${id}/cancel` });

describe('a job', () => {
  it('is accepted at once and asked for later', async () => {
    await start({ milliseconds: 100 });
    const accepted = await begin({ n: 2, seed: 5 });
    const { id, status, poll_url } = accepted.json<JobReply>();
    expect(accepted.statusCode).toBe(202);
    expect(accepted.headers.location).toBe(poll_url);
    expect(['queued', 'generating']).toContain(status);
    await expect.poll(async () => (await job(id)).status, { timeout: 10_000 }).toBe('completed');
    const { result, progress } = await job(id);
    expect(result!.data.map(({ seed }) => seed)).toEqual([5, 6]);
    expect(result!.data[0]!.b64_json).toMatch(/^iVBOR/);
    expect(progress).toMatchObject({ images: 2, count: 2 });
  });

  it('tells its progress by events', async () => {
    const { url } = await start({ milliseconds: 2000 });
    const { events_url } = (await begin({})).json<JobReply>();
    const text = await (await fetch(`${url}${events_url}`)).text();
    const names = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
    expect(names.slice(0, 2)).toEqual(['progress', 'progress']);
    expect(names.at(-1)).toBe('completed');
    expect(names.filter((name) => name === 'completed')).toHaveLength(1);
  });

  it('is cancelled, once', async () => {
    const { service } = await start({ milliseconds: 10_000 });
    const { id } = (await begin({ num_inference_steps: 100 })).json<JobReply>();
    expect((await cancel(id)).json()).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => service.queue.load, { timeout: 10_000 }).toEqual({ waiting: 0, running: 0 });
    expect((await cancel(id)).statusCode).toBe(409);
    expect(await job(id)).toMatchObject({ status: 'cancelled', result: null, error: null });
    expect((await cancel('x')).statusCode).toBe(404);
  });

  it('is the same one for the same key and body', async () => {
    await start({ milliseconds: 50 });
    const key = { 'idempotency-key': 'k' };
    const first = (await begin({}, key)).json<JobReply>();
    expect((await begin({}, key)).json<JobReply>().id).toBe(first.id);
    expect((await begin({}, { 'idempotency-key': 'other' })).json<JobReply>().id).not.toBe(first.id);
    expect((await begin({}, { ...key, authorization: 'Bearer b' })).json<JobReply>().id).not.toBe(first.id);
    expect((await begin({ n: 2 }, key)).statusCode).toBe(400);
  });

  it('is refused like any request, and says why it failed', async () => {
    await start({ capacity: 1, milliseconds: 4000, limits: { seconds: 0.01 } });
    const { id } = (await begin({})).json<JobReply>();
    await begin({});
    expect((await begin({})).statusCode).toBe(429);
    expect((await begin({ size: '9x9' })).statusCode).toBe(400);
    await expect.poll(async () => (await job(id)).status, { timeout: 10_000 }).toBe('failed');
    expect((await job(id)).error).toMatchObject({ code: 'timeout' });
  });
});

it('jobs are forgotten some time after their end, or when there are too many bytes', () => {
  const ask = { client: 'a', key: undefined, body: '' };
  const short = new JobStore({ seconds: 0 });
  const { job: old } = short.open(1, ask);
  expect(short.get(old.id)).toBe(old);
  old.fail({ message: '', type: '', param: null, code: null });
  expect(short.get(old.id)).toBeUndefined();

  const small = new JobStore({ capacity: 10 });
  const facts = { created: 0, size: '8x8', output_format: 'png', background: 'opaque', quality: 'auto' } as const;
  const [first, second] = [small.open(1, ask).job, small.open(1, ask).job];
  for (const done of [first, second]) done.complete({ ...facts, data: [{ b64_json: 'x'.repeat(8), seed: 0 }] });
  expect(small.get(first.id)).toBeUndefined();
  expect(small.get(second.id)).toBe(second);
});
