import { randomBytes } from 'node:crypto';
import OpenAI, { toFile } from 'openai';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeServer, type FakeServer, type FakeServerOptions } from './support/fake-server.js';

let server: FakeServer;
afterEach(() => server.close());

async function start(options?: FakeServerOptions): Promise<OpenAI> {
  server = await fakeServer(options);
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
}

/** A red image, transparent in its right half where that is asked for. */
async function png({ width = 8, height = 8, half = false } = {}): Promise<File> {
  const pixels = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const isRight = half && (i >> 2) % width >= width / 2;
    return i % 4 === 0 ? 255 : i % 4 === 3 && !isRight ? 255 : 0;
  });
  const bytes = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  return toFile(bytes, 'image.png', { type: 'image/png' });
}

describe('images.edit of the openai client', () => {
  it('repaints where the mask is transparent', async () => {
    const openai = await start();
    const reply = await openai.images.edit({
      image: await png(),
      mask: await png({ half: true }),
      prompt: 'a cat',
      n: 1,
      size: '8x8',
      ...{ seed: 4, num_inference_steps: 3, guidance_scale: 1.5 },
    });
    expect(reply.data).toMatchObject([{ seed: 4 }]);
    const [request] = server.painter.requests;
    expect(request).toMatchObject({ prompt: 'a cat', seed: 4, steps: 3, guidanceScale: 1.5, width: 8 });
    expect([...request!.image!.pixels.slice(0, 3)]).toEqual([255, 0, 0]);
    expect([...request!.mask!.values.slice(0, 8)]).toEqual([0, 0, 0, 0, 255, 255, 255, 255]);
  });

  it('takes an image of another size, in a list, and its own transparency', async () => {
    const openai = await start();
    const image = [await png({ width: 16, height: 16, half: true })];
    const reply = await openai.images.edit({ image, prompt: 'a cat', ...{ strength: 0.5 } });
    expect(reply.size).toBe('8x8');
    expect(server.painter.requests[0]).toMatchObject({ strength: 0.5, width: 8, height: 8 });
    expect(server.painter.requests[0]!.mask!.values.filter((value) => value === 255)).toHaveLength(32);
  });

  it('streams, too', async () => {
    const openai = await start();
    const events = await openai.images.edit({ image: await png(), prompt: 'x', stream: true, partial_images: 1 });
    const types: string[] = [];
    for await (const { type } of events) types.push(type);
    expect(types).toEqual(['image_edit.partial_image', 'image_edit.completed']);
  });

  it.each([
    ['image', async () => ({ image: await toFile(randomBytes(99), 'x.png') }), /^400 image: must be a whole/],
    ['mask', async () => ({ mask: await png() }), '400 mask: must have transparent parts: they are repainted'],
    ['mask', async () => ({ mask: await toFile(Buffer.from('x'), 'x.png') }), /^400 mask: must be a whole/],
    ['image', async () => ({ image: await png({ width: 200, height: 200 }) }), '400 image: may have 10000 pixels'],
    ['image', async () => ({ image: [await png(), await png()] }), /one image/],
    ['n', async () => Promise.resolve({ n: 'many' }), /^400 n: /],
    ['strength', async () => Promise.resolve({ strength: 2 }), /^400 strength: /],
    ['prompt', async () => Promise.resolve({ prompt: undefined }), /^400 prompt: /],
  ])('refuses a wrong %s', async (param, wrong, message) => {
    const openai = await start({ limits: { uploadPixels: 10_000 } });
    const call = openai.images.edit({ image: await png(), prompt: 'a cat', ...((await wrong()) as object) });
    await expect(call).rejects.toThrow(message);
    await expect(call).rejects.toMatchObject({ param: expect.stringMatching(`^${param}`) as string });
  });

  it('refuses too many bytes, and what is no form', async () => {
    await start({ limits: { bodyBytes: 20_000 } });
    const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const noise = await toFile(randomBytes(30_000), 'x.png');
    await expect(openai.images.edit({ image: noise, prompt: '' })).rejects.toMatchObject({ status: 413 });
    const json = await server.app.inject({ method: 'POST', url: '/v1/images/edits', payload: { prompt: '' } });
    expect(json.statusCode).toBe(400);
  });
});

it('variations start from the image alone', async () => {
  const openai = await start();
  const { data } = await openai.images.createVariation({ image: await png(), n: 2, size: '8x8' as '256x256' });
  expect(data).toHaveLength(2);
  expect(server.painter.requests[0]).toMatchObject({ prompt: '', strength: 0.7, width: 8 });
  expect(server.painter.requests[0]).not.toHaveProperty('mask');
});
