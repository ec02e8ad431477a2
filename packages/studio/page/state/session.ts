import { signal } from '@preact/signals';
import type { Backend } from '../backend/backend.js';
import { browserBackend } from '../backend/browser-backend.js';
import { KeyNeededError, lineOf } from '../backend/errors.js';
import { serverBackend } from '../backend/server-backend.js';
import { offer } from './settings.js';

const KEY_STORED_AS = 'lascaux-api-key';

/** The API key, as long as the tab is open; no other page and no later visit sees it. */
const apiKey = signal(sessionStorage.getItem(KEY_STORED_AS) ?? undefined);
/** What the server says about the key; undefined where none is wanted. */
export const keyWanted = signal<string | undefined>(undefined);
/** What went wrong last, in a line. */
export const problem = signal<string | undefined>(undefined);
/** What keeps the page waiting before it can paint: words, and a share where it is known. */
export const loading = signal<{ readonly text: string; readonly share?: number } | undefined>(undefined);

/** Where a folder for web hosts says which model it holds. */
const manifest = document.querySelector<HTMLMetaElement>('meta[name="lascaux-manifest"]')?.content ?? '';

/** What paints: the server that the page came from, or the browser where the page came with a model. */
export const backend: Backend =
  manifest === ''
    ? serverBackend(() => apiKey.value)
    : browserBackend(new URL(manifest, document.baseURI), {
        onLoading: (text, share) => (loading.value = { text, share }),
        onLoaded: () => (loading.value = undefined),
        // `?device=wasm` keeps off a GPU that does not do what it should.
        mayUseGpu: new URLSearchParams(location.search).get('device') !== 'wasm',
      });

let starting: Promise<void> = Promise.resolve();

/** Settles when the models are known, or cannot be. */
export const started = (): Promise<void> => starting;

/** Asks for the models, and shows them. */
export function start(): Promise<void> {
  return (starting = askForModels());
}

async function askForModels(): Promise<void> {
  problem.value = undefined;
  loading.value = { text: 'looking for models …' };
  try {
    offer(await backend.models((text, share) => (loading.value = { text, share })));
    keyWanted.value = undefined;
  } catch (error) {
    report(error);
  } finally {
    loading.value = undefined;
  }
}

/** Shows what went wrong; a missing key is asked for. */
export function report(error: unknown): void {
  if (error instanceof KeyNeededError) keyWanted.value = error.rule;
  else problem.value = lineOf(error);
}

/** Takes the key that was typed in. */
export async function useKey(key: string): Promise<void> {
  apiKey.value = key;
  sessionStorage.setItem(KEY_STORED_AS, key);
  await start();
}
