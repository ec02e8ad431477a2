import { readImageInformation } from '@lascaux/pipeline/image';
import OpenAI, { APIError, RateLimitError } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeServer, type FakeServer, type FakeServerOptions } from './support/fake-server.js';

let server: FakeServer;
afterEach(() => server.close());

async function start(options?: FakeServerOptions): Promise<OpenAI> {
  server = await fakeServer(options);
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
}

describe('images.generate with stream', () => {
  it('gives previews and then the image', async () => {
    const openai = await start();
    const events = await openai.images.generate({
      prompt: 'a cat',
      stream: true,
      partial_images: 2,
      output_format: 'jpeg',
    });
    const seen = [];
    for await (const event of events) seen.push(event);
    expect(seen.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    expect(seen).toMatchObject([{ partial_image_index: 0 }, { partial_image_index: 1 }, { size: '8x8' }]);
    for (const { b64_json, output_format } of seen) {
      expect(output_format).toBe('jpeg');
      const image = await readImageInformation(new Uint8Array(Buffer.from(b64_json, 'base64')));
      expect(image).toMatchObject({ format: 'jpeg', width: 8, height: 8 });
    }
  });

  it('answers with a status where painting cannot begin, and with an event later', async () => {
    const openai = await start({ capacity: 1, milliseconds: 4000, limits: { seconds: 0.02 } });
    const calls = Array.from({ length: 3 }, () => openai.images.generate({ prompt: 'a cat', stream: true }));
    const settled = await Promise.allSettled(calls);
    const refused = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toBeInstanceOf(RateLimitError);
    const [first] = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const read = async () => {
      for await (const event of first!) expect(event).toBeUndefined();
    };
    await expect(read()).rejects.toThrow(APIError);
  });

  it('stops painting when the reader leaves', async () => {
    const openai = await start({ milliseconds: 100_000 });
    const steps = { num_inference_steps: 100 } as object;
    const events = await openai.images.generate({ prompt: 'a cat', stream: true, partial_images: 3, ...steps });
    await expect.poll(() => server.service.queue.load.running, { timeout: 10_000 }).toBe(1);
    events.controller.abort();
    await expect.poll(() => server.service.queue.load, { timeout: 10_000 }).toEqual({ waiting: 0, running: 0 });
  });
});

describe('other answers', () => {
  it('are addresses, which are forgotten', async () => {
    const openai = await start();
    const { data } = await openai.images.generate({ prompt: 'a cat', response_format: 'url', n: 2 });
    const reply = await fetch(data![1]!.url!);
    expect(reply.headers.get('content-type')).toBe('image/png');
    expect(await readImageInformation(new Uint8Array(await reply.arrayBuffer()))).toMatchObject({ width: 8 });
    expect((await fetch(`${server.url}/v1/images/files/x.png`)).status).toBe(404);
  });

  it('are the bytes of one image', async () => {
    await start();
    const body = { prompt: 'a cat', response_format: 'file', output_format: 'webp', seed: 9 };
    const post = (payload: object) => server.app.inject({ method: 'POST', url: '/v1/images/generations', payload });
    const reply = await post(body);
    expect(reply.headers).toMatchObject({
      'content-type': 'image/webp',
      'content-disposition': 'attachment; filename="lascaux-9.webp"',
    });
    expect(await readImageInformation(new Uint8Array(reply.rawPayload))).toMatchObject({ format: 'webp' });
    expect((await post({ ...body, n: 2 })).statusCode).toBe(400);
  });
});
