import { isSampler } from '@lascaux/diffusion';
import { encodeImage } from '@lascaux/pipeline/image';
import { afterEach, describe, expect, it } from 'vitest';
import { samplerList, samplerOf } from '../src/a1111/samplers.js';
import { fakeServer, type FakeServer, type FakeServerOptions } from './support/fake-server.js';

let server: FakeServer;
afterEach(() => server.close());
const start = async (options?: FakeServerOptions) => (server = await fakeServer(options));

const get = async <T>(path: string): Promise<T> => (await server.app.inject({ url: `/sdapi/v1/${path}` })).json<T>();
const post = (path: string, payload: object) =>
  server.app.inject({ method: 'POST', url: `/sdapi/v1/${path}`, payload, remoteAddress: '127.0.0.1' });

interface Painted {
  images: string[];
  parameters: Record<string, unknown>;
  info: string;
}

describe('requests of other programs', () => {
  it('Open WebUI: options, models, another model, an image', async () => {
    await start();
    const options = await get<{ sd_model_checkpoint: string }>('options');
    expect(options.sd_model_checkpoint).toBe('tiny');
    const models = await get<{ title: string; model_name: string }[]>('sd-models');
    expect(models.map(({ title, model_name }) => [title, model_name])).toEqual([
      ['tiny', 'tiny'],
      ['owner/other', 'owner/other'],
    ]);
    expect((await post('options', { ...options, sd_model_checkpoint: 'owner/other' })).statusCode).toBe(200);
    expect(await get('options')).toMatchObject({ sd_model_checkpoint: 'owner/other' });
    const reply = (await post('txt2img', { prompt: 'a cat', batch_size: 2, width: 16, height: 8 })).json<Painted>();
    expect(reply.images).toHaveLength(2);
    expect(JSON.parse(reply.info)).toMatchObject({ sd_model_name: 'owner/other', width: 16 });
    expect((await post('options', { sd_model_checkpoint: 'x' })).statusCode).toBe(404);
  });

  it('LibreChat: a prompt with guidance, steps and size', async () => {
    await start();
    const reply = await post('txt2img', {
      prompt: 'a cat',
      negative_prompt: 'a dog',
      cfg_scale: 4.5,
      steps: 22,
      width: 1024,
      height: 1024,
    });
    const { images, info } = reply.json<Painted>();
    const facts = JSON.parse(info) as { infotexts: string[]; seed: number };
    expect(images[0]).toMatch(/^iVBOR/);
    expect(facts).toMatchObject({ width: 1024, height: 1024, cfg_scale: 4.5, steps: 22 });
    expect(facts.infotexts[0]).toContain(`Seed: ${facts.seed}`);
  });

  it('SillyTavern: lists of names, and everything that its form has', async () => {
    await start();
    for (const list of [
      'upscalers',
      'latent-upscale-modes',
      'sd-vae',
      'sd-modules',
      'samplers',
      'schedulers',
      'sd-models',
    ])
      expect(Array.isArray(await get(list))).toBe(true);
    const reply = await post('txt2img', {
      prompt: 'a cat',
      negative_prompt: '',
      sampler_name: 'DPM++ 2M',
      scheduler: 'karras',
      steps: 20,
      cfg_scale: 7,
      width: 512,
      height: 512,
      restore_faces: false,
      enable_hr: false,
      hr_upscaler: 'Latent',
      hr_scale: 2,
      hr_additional_modules: [],
      denoising_strength: 0.7,
      hr_second_pass_steps: 0,
      seed: 12,
      override_settings: { CLIP_stop_at_last_layers: 2, sd_vae: '' },
      override_settings_restore_afterwards: true,
      clip_skip: 2,
      save_images: true,
      send_images: true,
      do_not_save_grid: false,
      do_not_save_samples: false,
    });
    expect(reply.statusCode).toBe(200);
    const expected = { sampler: 'DPM++ 2M karras', seed: 12, clipSkip: 2, steps: 20, guidanceScale: 7 };
    expect(server.painter.requests[0]).toMatchObject(expected);
    expect(await get('progress')).toMatchObject({ progress: 0, state: { job_count: 0 } });
  });
});

describe('progress and interruption', () => {
  it('say how far the own request is, and answer it with what is there', async () => {
    await start({ milliseconds: 800 });
    const painting = post('txt2img', { prompt: 'a cat', batch_size: 5 });
    const progress = () => get<{ progress: number; state: { job_count: number; job_no: number } }>('progress');
    const polling = { interval: 50, timeout: 10_000 };
    await expect.poll(async () => (await progress()).state.job_no, polling).toBeGreaterThanOrEqual(1);
    const { progress: share, state } = await progress();
    expect(state).toMatchObject({ job_count: 5 });
    expect(share).toBeGreaterThanOrEqual(0.2);
    expect(share).toBeLessThan(1);
    await post('interrupt', {});
    const { images } = (await painting).json<Painted>();
    expect(images.length).toBeGreaterThanOrEqual(1);
    expect(images.length).toBeLessThan(5);
    expect(server.service.queue.load).toEqual({ waiting: 0, running: 0 });
    expect(await progress()).toMatchObject({ progress: 0, state: { job_count: 0 } });
  });
});

describe('img2img', () => {
  const image = async (value: number) => {
    const pixels = new Uint8Array(8 * 8 * 3).fill(value);
    return Buffer.from(
      await encodeImage({ width: 8, height: 8, pixels }, 'png', 'a bird\nSteps: 3, Seed: 2, Size: 8x8'),
    ).toString('base64');
  };

  it('starts from an image, under a mask that may be inverted', async () => {
    await start();
    const init_images = [`data:image/png;base64,${await image(7)}`];
    await post('img2img', { prompt: 'a cat', init_images, mask: await image(255), inpainting_mask_invert: 1 });
    const [request] = server.painter.requests;
    expect(request!.strength).toBe(0.75);
    expect(request!.image!.pixels[0]).toBe(7);
    expect(request!.mask!.values[0]).toBe(0);
  });

  it('and png-info read bytes, never an address', async () => {
    await start();
    const info = (await post('png-info', { image: await image(0) })).json<object>();
    expect(info).toMatchObject({
      info: expect.stringMatching(/^a bird/) as string,
      parameters: { Prompt: 'a bird', Seed: '2' },
    });
    for (const address of ['http://127.0.0.1/x.png', 'file:///etc/passwd', '/etc/passwd']) {
      const refused = await post('img2img', { init_images: [address] });
      expect(refused.statusCode).toBe(400);
      expect(refused.json()).toMatchObject({ detail: expect.stringMatching(/^init_images: must be/) as string });
    }
  });
});

it('samplers go by their names and ours', async () => {
  await start();
  expect(samplerList.every(({ name }) => isSampler(name))).toBe(true);
  expect(samplerOf('Euler a', 'Automatic')).toBe('Euler a');
  expect(samplerOf(undefined)).toBeUndefined();
  expect(() => samplerOf('DDIM', 'Karras')).toThrow('sampler_name: must be a known sampler');
  const wrong = await post('txt2img', { sampler_name: 'oil' });
  expect(wrong.statusCode).toBe(400);
  expect(Object.keys(wrong.json<object>())).toEqual(['error', 'detail', 'body', 'errors']);
});
