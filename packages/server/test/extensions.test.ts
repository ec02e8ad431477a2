import { tinyModel } from '@lascaux/model-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProcessPainter } from '../src/painting/process-painter.js';
import { fakeServer, type FakeServer } from './support/fake-server.js';

let server: FakeServer;
beforeAll(async () => {
  server = await fakeServer();
});
afterAll(() => server.close());

const post = (url: string, payload: object) => server.app.inject({ method: 'POST', url, payload });

/** The data of the events of an answer. */
const eventsOf = (body: string): Record<string, unknown>[] =>
  body
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Record<string, unknown>);

describe('what the interface has beyond OpenAI’s', () => {
  it('previews after each step but the last, and which image and step they are of', async () => {
    const body = { prompt: 'a cat', n: 2, stream: true, num_inference_steps: 5, partial_images: 5 };
    const events = eventsOf((await post('/v1/images/generations', body)).body);
    const seen = events.map(({ type, image_index, step, steps }) => [type, image_index, step, steps]);
    const previews = (index: number) => [1, 2, 3, 4].map((step) => ['image_generation.partial_image', index, step, 5]);
    const done = (index: number) => ['image_generation.completed', index, undefined, undefined];
    expect(seen).toEqual([...previews(0), done(0), ...previews(1), done(1)]);
    expect((await post('/v1/images/generations', { prompt: 'a cat', partial_images: 1000 })).statusCode).toBe(400);
  });

  it('notes, in answers and in the last event', async () => {
    const notes = [{ param: 'prompt', message: '"qwertz" is not known' }];
    const reply = await post('/v1/images/generations', { prompt: 'a qwertz' });
    expect(reply.json()).toMatchObject({ notes });
    const events = eventsOf((await post('/v1/images/generations', { prompt: 'a qwertz', stream: true })).body);
    expect(events).toMatchObject([{ type: 'image_generation.completed', notes }]);
    expect((await post('/v1/images/generations', { prompt: 'a cat' })).json()).not.toHaveProperty('notes');
  });

  it('sizes and samplers of models', async () => {
    const { data } = (await server.app.inject({ url: '/v1/models' })).json<{ data: { samplers: string[] }[] }>();
    expect(data[0]).toMatchObject({ id: 'tiny', sizes: { multiple: 2 } });
    expect(data[0]!.samplers).toContain('ddim');
  });

  it('explanations, for requests that could be painted', async () => {
    const reply = await post('/v1/images/explanations', { prompt: 'a cat', num_inference_steps: 3 });
    expect(reply.json()).toMatchObject({ latent: [4, 1, 1], truncated: 0 });
    expect(server.painter.requests.at(-1)).toMatchObject({ prompt: 'a cat', steps: 3 });
    expect((await post('/v1/images/explanations', { prompt: 'a cat', size: '9x9' })).statusCode).toBe(400);
  });
});

it('a painting process explains an image, and says why it cannot', async () => {
  const painter = await openProcessPainter(await tinyModel());
  const { tokens, evaluated, schedule, latent } = await painter.explain({ prompt: 'a (cat:1.5)', steps: 4 });
  expect(tokens.map((sequence) => sequence.map(({ text, weight }) => [text, weight]))).toEqual([
    [
      ['start', 1],
      ['a', 1],
      ['cat', 1.5],
      ['end', 1],
    ],
  ]);
  // DDIM of four steps, spaced to the leading edge, with the offset of 1 that Stable Diffusion has in diffusers.
  expect(evaluated.map(({ timestep }) => timestep)).toEqual([751, 501, 251, 1]);
  for (const { signal, sigma } of [...evaluated, ...schedule]) expect(signal ** 2 + sigma ** 2).toBeCloseTo(1, 5);
  expect(latent).toEqual([4, 4, 4]);
  await expect(painter.explain({ prompt: 'a cat', steps: 0 })).rejects.toThrow('steps');
  await painter.dispose();
});
