/// <reference lib="dom" />
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkModel } from '@lascaux/model-fixtures';
import { encodeImage, insertPngText, readImageInformation } from '@lascaux/pipeline/image';
import { createServer, describeModel, type LascauxServer } from '@lascaux/server';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtPage, field, noBrowser, openBrowser, openPage, paint, pictures, soon } from './browser.js';

let browser: Browser;
let folder: string;
let servers: readonly LascauxServer[] = [];
/** Addresses of a server that wants nothing, and of one that wants a key. */
let open: string;
let closed: string;

beforeAll(async () => {
  if (noBrowser !== undefined) return;
  const [page, model, opened] = await Promise.all([builtPage(), networkModel(), openBrowser()]);
  [folder, browser] = [page, opened];
  const models = [await describeModel(model)];
  const options = { models, page, log: { level: 'silent' } };
  servers = await Promise.all([createServer(options), createServer({ ...options, apiKey: 'secret' })]);
  [open, closed] = (await Promise.all(servers.map((server) => server.listen()))) as [string, string];
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  if (noBrowser !== undefined) return;
  await browser.close();
  await Promise.all(servers.map((server) => server.close()));
  await rm(folder, { recursive: true });
});

describe.skipIf(noBrowser)(`the studio on a server${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it('paints with previews, keeps what it painted over a reload, and gives the settings back', async () => {
    const { page, errors } = await openPage(browser, open);
    await page.evaluate(() => {
      const seen: string[] = ((globalThis as { seen?: string[] }).seen = []);
      new MutationObserver(() => seen.push(document.querySelector('.progress p')!.textContent)).observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    await field(page, 'Steps').fill('6');
    await field(page, 'Seed').fill('7');
    await paint(page, 'a cat');
    const seen = await page.evaluate(() => (globalThis as { seen?: string[] }).seen!);
    // Where the machine is busy, two events come at once, and the first of them is never shown.
    const steps = [...new Set(seen.flatMap((text) => /^step (\d) of 6$/u.exec(text)?.[1] ?? []))];
    expect(steps.length).toBeGreaterThan(0);
    expect(steps).toEqual(steps.toSorted());

    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download').click()]);
    expect(download.suggestedFilename()).toBe('a-cat-7.png');
    const { parameters } = await readImageInformation(await readFile(await download.path()));
    expect(parameters).toMatch(/^a cat\nSteps: 6, .*Seed: 7/);

    await field(page, 'Prompt').fill('a dog');
    await page.reload();
    await soon(() => pictures(page).count()).toBe(1);
    await pictures(page).first().click();
    expect(await field(page, 'Prompt').inputValue()).toBe('a cat');
    expect(await field(page, 'Seed').inputValue()).toBe('7');
    await page.getByLabel('Forget a cat, seed 7').click();
    await soon(() => pictures(page).count()).toBe(0);
    await page.reload();
    await soon(() => page.getByText('Nothing yet').count()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('stops when it is told to, and the server has its place free again', async () => {
    const { page } = await openPage(browser, open);
    await field(page, 'Steps').fill('150');
    await field(page, 'Prompt').fill('a cat');
    await page.keyboard.press('Control+Enter');
    await soon(() => page.locator('.progress p').textContent()).toMatch(/step \d/);
    await page.keyboard.press('Escape');
    await soon(() => page.locator('.progress p').textContent()).toBe('');
    const metric = async () =>
      /lascaux_queue_running (\d)/.exec(await (await fetch(new URL('/metrics', page.url()))).text())?.[1];
    await soon(metric).toBe('0');
    expect(await pictures(page).count()).toBe(0);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('asks for the API key, keeps it for the tab, and says what is wrong', async () => {
    const { page } = await openPage(browser, closed);
    await field(page, 'Key').fill('wrong');
    await page.keyboard.press('Enter');
    await soon(() => page.locator('dialog').textContent()).toContain('does not know this API key');
    await field(page, 'Key').fill('secret');
    await page.keyboard.press('Enter');
    await soon(() => page.locator('dialog').count()).toBe(0);
    await page.reload();
    await paint(page, 'a cat');
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('secret');
    await field(page, 'Width').fill('9');
    await page.keyboard.press('Control+Enter');
    await soon(() => page.getByRole('alert').textContent()).toContain('width: must be a multiple of');
  });

  it('paints from a picture, under a mask, with undo', async () => {
    const { page, errors } = await openPage(browser, open);
    const path = join(tmpdir(), `lascaux-source-${process.pid}.png`);
    await writeFile(
      path,
      await sharp({ create: { width: 64, height: 64, channels: 3, background: '#20c040' } })
        .png()
        .toBuffer(),
    );
    await page.locator('summary', { hasText: 'From a picture' }).click();
    await page.locator('.drop input').setInputFiles(path);
    const canvas = page.locator('.brushed canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    const stroke = async (share: number) => {
      await page.mouse.move(box.x + box.width * share, box.y + 4);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * share, box.y + box.height - 4, { steps: 4 });
      await page.mouse.up();
    };
    await stroke(0.8);
    await stroke(0.2);
    await page.getByText('Undo').click();
    await soon(() => canvas.getAttribute('aria-label')).toContain('1 strokes');
    const [request] = await Promise.all([page.waitForRequest('**/v1/images/edits'), paint(page, 'a cat')]);
    expect(request.headers()['content-type']).toContain('multipart/form-data');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download').click()]);
    const { data, info } = await sharp(await download.path())
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixel = (x: number) => [...data.subarray((8 * info.width + x) * info.channels).subarray(0, 3)];
    // What was not brushed is the picture's own.
    expect(pixel(2)).toEqual([0x20, 0xc0, 0x40]);
    expect(pixel(Math.round(info.width * 0.8))).not.toEqual([0x20, 0xc0, 0x40]);
    expect(errors).toEqual([]);
    await rm(path);
  });

  it('reads the settings of a picture of another program', async () => {
    const { page } = await openPage(browser, open);
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const text =
      'a fox\nNegative prompt: rain\nSteps: 9, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5.5, Seed: 99, Size: 16x24, Model: other';
    const buffer = Buffer.from(insertPngText(png, 'parameters', text));
    await page
      .getByLabel('Picture file with settings')
      .setInputFiles({ name: 'fox.png', mimeType: 'image/png', buffer });
    await soon(() => field(page, 'Prompt').inputValue()).toBe('a fox');
    const values = { 'Negative prompt': 'rain', Steps: '9', Guidance: '5.5', Seed: '99', Width: '16', Height: '24' };
    for (const [name, value] of Object.entries(values)) expect(await field(page, name).inputValue()).toBe(value);
    expect(await page.getByRole('combobox', { name: 'Sampler' }).inputValue()).toBe('dpm++-2m-karras');
    expect(await page.getByLabel('Remarks').textContent()).toContain('painted by other, which is not here');
    const jpeg = await encodeImage(
      { pixels: new Uint8Array(192), width: 8, height: 8 },
      'jpeg',
      'an owl\nSteps: 3, Seed: 5, Size: 8x8',
    );
    const owl = { name: 'owl.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg) };
    await page.getByLabel('Picture file with settings').setInputFiles(owl);
    await soon(() => field(page, 'Prompt').inputValue()).toBe('an owl');
    expect(await field(page, 'Steps').inputValue()).toBe('3');
  });

  it('paints a grid over two settings', async () => {
    const { page, errors } = await openPage(browser, open);
    await field(page, 'Steps').fill('2');
    await field(page, 'Prompt').fill('a cat');
    await page.getByText('Grid over two settings').click();
    await page.getByRole('group', { name: 'Columns' }).getByRole('textbox').fill('1, 3');
    await page.getByText('Paint the grid').click();
    await soon(() => page.locator('.grid-table img').count()).toBe(4);
    expect(await page.locator('.grid-table thead').textContent()).toContain('Seed \\ Guidance13');
    expect(errors).toEqual([]);
  });

  it('shows what happens: tokens, the noise schedule, and each step', async () => {
    const { page, errors } = await openPage(browser, open);
    await field(page, 'Steps').fill('4');
    await paint(page, 'a (cat:1.5)');
    await page.getByText('What happens').click();
    await soon(() => page.locator('.token').allTextContents()).toEqual(['start', 'a', 'cat ×1.50', 'end']);
    expect(await page.locator('.chart circle').count()).toBe(4);
    expect(await page.locator('.trail img').count()).toBe(3);
    expect(await page.getByAltText('The finished picture').count()).toBe(1);
    await field(page, 'Steps').fill('7');
    await soon(() => page.locator('.chart circle').count()).toBe(7);
    expect(errors).toEqual([]);
  });

  it.each([
    { width: 1280, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ] as const)('is accessible and fits a screen $width wide, $colorScheme', async ({ width, colorScheme }) => {
    const { page } = await openPage(browser, open, { viewport: { width, height: 844 }, colorScheme, bypassCSP: true });
    await paint(page, 'a cat');
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.evaluate(axe.source);
    const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });
});
