/// <reference lib="dom" />
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkModel } from '@lascaux/model-fixtures';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { readImageInformation } from '@lascaux/pipeline/image';
import { writeStaticStudio } from '@lascaux/studio';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtPage, field, noBrowser, openBrowser, openPage, paint, pictures, soon } from './browser.js';
import { serveFiles, type FileServer } from './file-server.js';

let browser: Browser;
let page: string;
let model: string;
let folder: string;
let host: FileServer | undefined;

beforeAll(async () => {
  if (noBrowser !== undefined) return;
  [page, model, browser] = await Promise.all([builtPage(), networkModel(), openBrowser()]);
  folder = await mkdtemp(join(tmpdir(), 'lascaux-static-'));
  await writeStaticStudio({ out: folder, models: [model], page });
});
afterEach(async () => {
  host?.close();
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  if (noBrowser !== undefined) return;
  await browser.close();
  await Promise.all([page, folder].map((path) => rm(path, { recursive: true })));
});

/** The shown picture's file. */
async function download(page: Page): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByText('Download').click()]);
  return readFile(await file.path());
}

/** In decibels, of bytes. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
  return 10 * Math.log10((255 ** 2 * a.length) / squares);
}

describe.skipIf(noBrowser)(`the studio as a folder${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it.each([{ isIsolated: false }, { isIsolated: true }])(
    "paints in the browser what Node.js paints, from a plain web host ($isIsolated: in threads), and keeps the model's files",
    async ({ isIsolated }) => {
      host = await serveFiles(folder, { isIsolated });
      const { page, errors } = await openPage(browser, host.url);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isIsolated);
      expect(await page.locator('header').textContent()).toContain('in this browser');
      await field(page, 'Seed').fill('7');
      await field(page, 'Steps').fill('5');
      await paint(page, 'a red cat');
      const file = await download(page);
      expect((await readImageInformation(file)).parameters).toMatch(/^a red cat\nSteps: 5, .*Seed: 7/);

      const pipeline = await TextToImagePipeline.fromPretrained(model);
      const { images } = await pipeline.generate({ prompt: 'a red cat', seed: 7, steps: 5 });
      await pipeline.dispose();
      const { data } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      expect(data.length).toBe(images[0]!.pixels.length);
      expect(psnr(data, images[0]!.pixels)).toBeGreaterThanOrEqual(40);

      host.asked.length = 0;
      await page.reload();
      await soon(() => pictures(page).count()).toBe(1);
      await paint(page, 'a dog');
      expect(host.asked.filter((path) => path.startsWith('/models/'))).toEqual([]);
      expect(errors).toEqual([]);
    },
  );

  it('stops within a step, and paints from a picture under a mask', async () => {
    host = await serveFiles(folder);
    const { page, errors } = await openPage(browser, host.url);
    await field(page, 'Steps').fill('150');
    await page.keyboard.press('Control+Enter');
    await soon(() => page.locator('.progress p').textContent()).toMatch(/step \d/);
    await page.keyboard.press('Escape');
    await soon(() => page.locator('.progress p').textContent()).toBe('');
    await field(page, 'Steps').fill('3');
    const input = { create: { width: 32, height: 32, channels: 3, background: '#20c040' } } as const;
    await page.locator('summary', { hasText: 'From a picture' }).click();
    await page
      .locator('.drop input')
      .setInputFiles({ name: 'green.png', mimeType: 'image/png', buffer: await sharp(input).png().toBuffer() });
    const canvas = page.locator('.brushed canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.8, box.y + 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height - 2, { steps: 3 });
    await page.mouse.up();
    await paint(page, 'a cat');
    const { data, info } = await sharp(await download(page))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 3)]).toEqual([0x20, 0xc0, 0x40]);
    expect([...data.subarray(3 * Math.round(info.width * 0.8)).subarray(0, 3)]).not.toEqual([0x20, 0xc0, 0x40]);
    expect(errors).toEqual([]);
  });

  it('refuses a file that is not the one that was written', async () => {
    const changed = await mkdtemp(join(tmpdir(), 'lascaux-changed-'));
    const { manifest } = await writeStaticStudio({ out: changed, models: [model], page });
    const [{ folder: place, files }] = manifest.models as [(typeof manifest.models)[number]];
    const { path } = files.find((file) => file.path.startsWith('unet/') && file.path.endsWith('.onnx'))!;
    const bytes = await readFile(join(changed, place, path));
    bytes[bytes.length - 1]! ^= 1;
    await rm(join(changed, place, path));
    await appendFile(join(changed, place, path), bytes);
    host = await serveFiles(changed);
    const { page: shown } = await openPage(browser, host.url);
    await shown.keyboard.press('Control+Enter');
    await soon(() => shown.getByRole('alert').textContent()).toContain(`${path} is not what it should be`);
    await rm(changed, { recursive: true });
  });
});
