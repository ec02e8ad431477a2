import { readImageInformation } from '@lascaux/pipeline/image';
import type { APIError } from 'openai';
import OpenAI, { BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeServer, type FakeServer, type FakeServerOptions } from './support/fake-server.js';

let server: FakeServer;
afterEach(() => server.close());

async function start(options?: FakeServerOptions): Promise<OpenAI> {
  server = await fakeServer(options);
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
}

const bytesOf = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

describe('images.generate of the openai client', () => {
  it('paints a PNG of the default model and size', async () => {
    const openai = await start();
    const reply = await openai.images.generate({ prompt: 'a cat', model: 'gpt-image-1' });
    expect(reply).toMatchObject({ size: '8x8', output_format: 'png' });
    expect(reply.created).toBeGreaterThan(1_700_000_000);
    const image = await readImageInformation(bytesOf(reply.data?.[0]?.b64_json));
    expect(image).toMatchObject({ format: 'png', width: 8, height: 8 });
    expect(image.parameters).toMatch(/^a cat\nSteps: 4/);
    expect(reply._request_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('hands over every parameter, and seeds that follow each other', async () => {
    const openai = await start();
    const extensions = {
      negative_prompt: 'a dog',
      num_inference_steps: 2,
      guidance_scale: 0,
      seed: 41,
      sampler: 'Euler a',
    };
    const usual = { prompt: 'a cat', n: 2, size: '16x10', output_format: 'webp', output_compression: 30 } as const;
    const reply = await openai.images.generate({ ...usual, ...extensions, size: '16x10' });
    expect(reply.data).toMatchObject([{ seed: 41 }, { seed: 42 }]);
    expect(reply).toMatchObject({ size: '16x10', output_format: 'webp' });
    expect(await readImageInformation(bytesOf(reply.data?.[1]?.b64_json))).toMatchObject({ format: 'webp', width: 16 });
    const common = { prompt: 'a cat', negativePrompt: 'a dog', steps: 2, guidanceScale: 0, sampler: 'Euler a' };
    expect(server.painter.requests).toEqual([41, 42].map((seed) => ({ ...common, seed, width: 16, height: 10 })));
  });

  it('draws another seed each time, also for −1', async () => {
    const openai = await start();
    const seeds = [{}, {}, { seed: -1 }].map(async (more) => {
      const { data } = await openai.images.generate({ prompt: '', ...more });
      return (data as { seed: number }[])[0]!.seed;
    });
    const drawn = await Promise.all(seeds);
    expect(new Set(drawn).size).toBe(3);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  });

  it('takes what LibreChat and Open WebUI send', async () => {
    const openai = await start();
    const libre = { background: 'auto', quality: 'auto', output_format: 'png', n: 1 } as const;
    await openai.images.generate({ model: 'gpt-image-1', prompt: 'a cat', size: 'auto', ...libre });
    const webUi = await server.app.inject({
      method: 'POST',
      url: '/v1/images/generations',
      headers: { authorization: 'Bearer x' },
      payload: { model: 'tiny', prompt: 'a cat', n: 1, size: '8x8', response_format: 'b64_json' },
    });
    expect(webUi.statusCode).toBe(200);
  });
});

describe('errors', () => {
  it.each([
    [
      { size: '9x8' },
      'size',
      'invalid_value',
      'width: must be a multiple of 2 for this model, got 9 (accepted: 8, 10)',
    ],
    [{ size: 'big' }, 'size', 'invalid_value', 'size: must be auto or WIDTHxHEIGHT'],
    [{ size: '4000x4000' }, 'size', 'invalid_value', 'size: may have 4194304 pixels here, got "4000x4000"'],
    [{ n: 11 }, 'n', 'invalid_value', 'n: Too big: expected number to be <=10'],
    [{ num_inference_steps: 151 }, 'num_inference_steps', 'invalid_value', /<=150/],
    [{ guidance_scale: 'x' }, 'guidance_scale', 'invalid_value', /expected number/],
    [{ sampler: 'oil' }, 'sampler', 'invalid_value', /^sampler: must be a known sampler, got "oil" \(accepted: ddpm,/],
    [{ seed: 1.5 }, 'seed', 'invalid_value', /expected int/],
    [{ stepz: 3 }, 'stepz', 'unknown_parameter', 'stepz: unknown parameter'],
    [{ background: 'transparent' }, 'background', 'invalid_value', /opaque/],
    [{ prompt: 7 }, 'prompt', 'invalid_value', /expected string/],
    [{ prompt: 'x'.repeat(32_001) }, 'prompt', 'invalid_value', /<=32000/],
  ])('names what is wrong in %o', async (wrong, param, code, message) => {
    const openai = await start();
    const call = openai.images.generate({ prompt: 'a cat', ...(wrong as object) });
    await expect(call).rejects.toThrow(BadRequestError);
    const { error } = (await call.catch((reason: unknown) => reason)) as APIError & { error: { message: string } };
    expect(error).toMatchObject({ param, code, type: 'invalid_request_error' });
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  it('are of the classes that the client has', async () => {
    const openai = await start({ capacity: 1, milliseconds: 2000 });
    await expect(openai.images.generate({ prompt: '', model: 'x' })).rejects.toThrow(NotFoundError);
    const calls = Array.from({ length: 4 }, () => openai.images.generate({ prompt: 'a cat' }));
    const settled = await Promise.allSettled(calls);
    const reasons = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as APIError] : []));
    expect(reasons).toHaveLength(2);
    for (const reason of reasons) {
      expect(reason).toBeInstanceOf(RateLimitError);
      expect(Number(reason.headers?.get('retry-after'))).toBeGreaterThan(0);
      expect(reason).toMatchObject({ code: 'queue_full', type: 'rate_limit_error' });
    }
  });

  it('have one shape, whatever went wrong', async () => {
    await start({ limits: { bodyBytes: 1000 } });
    const post = async (headers: Record<string, string>, payload: string) =>
      server.app.inject({ method: 'POST', url: '/v1/images/generations', headers, payload });
    const json = { 'content-type': 'application/json' };
    const replies = await Promise.all([
      post(json, '{'),
      post(json, JSON.stringify({ prompt: 'x'.repeat(2000) })),
      post({ 'content-type': 'text/plain' }, 'a cat'),
      post(json, 'null'),
      server.app.inject({ url: '/v2/images' }),
    ]);
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([400, 413, 415, 400, 404]);
    for (const reply of replies) {
      const { error } = reply.json<{ error: object }>();
      expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
      expect(reply.headers['x-request-id']).toBeTruthy();
    }
  });

  it('say that painting took too long', async () => {
    const openai = await start({ limits: { seconds: 0.05 }, milliseconds: 400 });
    const call = openai.images.generate({ prompt: 'a cat' });
    await expect(call).rejects.toMatchObject({ status: 504, code: 'timeout' });
    await expect(call).rejects.toThrow('an image may take 0.05 s');
  });
});

it('a client that goes away gives its place back', async () => {
  const openai = await start({ milliseconds: 100_000 });
  const controller = new AbortController();
  const call = openai.images.generate({ prompt: 'a cat', num_inference_steps: 100 } as never, {
    signal: controller.signal,
  });
  await expect.poll(() => server.service.queue.load.running, { timeout: 10_000 }).toBe(1);
  controller.abort();
  await expect(call).rejects.toThrow('aborted');
  await expect.poll(() => server.service.queue.load, { timeout: 10_000 }).toEqual({ waiting: 0, running: 0 });
});

it('lists the models with their defaults', async () => {
  const openai = await start();
  const { data } = await openai.models.list();
  expect(data.map(({ id }) => id)).toEqual(['tiny', 'owner/other']);
  expect(data[0]).toMatchObject({
    object: 'model',
    defaults: { size: '8x8', num_inference_steps: 4, sampler: 'ddim' },
  });
  expect(await openai.models.retrieve('owner/other')).toMatchObject({ id: 'owner/other' });
  await expect(openai.models.retrieve('x')).rejects.toThrow(NotFoundError);
});

it('describes itself by OpenAPI 3.1', async () => {
  await start();
  const document = (await server.app.inject({ url: '/openapi.json' })).json<{ openapi: string; paths: object }>();
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toContain('/v1/images/generations');
});
