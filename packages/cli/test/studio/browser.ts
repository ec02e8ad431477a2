import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** Where systems put Chromium, or what the environment says. */
const PLACES = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const program = PLACES.find((path) => path !== '' && existsSync(path));

/** Why the page cannot be tried here; undefined where it can. */
export const noBrowser =
  program === undefined ? 'no Chromium here: `apt-get install chromium`, or its path as CHROMIUM' : undefined;

/** Builds the page into a folder of its own. */
export async function builtPage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-page-'));
  const vite = join(repository, 'packages/studio/node_modules/.bin/vite');
  const program = existsSync(vite) ? vite : join(repository, 'node_modules/.bin/vite');
  await promisify(execFile)(
    process.execPath,
    [program, 'build', '--config', 'page/vite.config.ts', '--outDir', folder],
    {
      cwd: join(repository, 'packages/studio'),
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    },
  );
  return folder;
}

/** A browser without windows. The sandbox of Chromium does not start for root, as in containers. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: program, args: ['--no-sandbox', '--force-color-profile=srgb'] });

/** A page, and what went wrong on it: errors of scripts and of the policy on content. */
export interface WatchedPage {
  readonly page: Page;
  readonly errors: readonly string[];
}

/** Opens an address in a profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  await page.goto(url);
  // What the model recommends is filled in when it is known.
  await page.locator('dialog, summary + .fields + button').first().waitFor();
  return { page, errors };
}

/** What the page will show, in a moment. */
export const soon = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });
/** The pictures of the gallery. */
export const pictures = (page: Page) => page.locator('.gallery .thumbnail');
/** A field by its label. */
export const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });

/** Paints by the keyboard, until the picture is in the gallery. */
export async function paint(page: Page, prompt: string): Promise<void> {
  const before = await pictures(page).count();
  await field(page, 'Prompt').fill(prompt);
  await page.keyboard.press('Control+Enter');
  await soon(() => pictures(page).count()).toBe(before + 1);
}
