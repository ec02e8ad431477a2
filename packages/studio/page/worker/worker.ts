import type { StaticManifest } from '../../src/static-manifest.js';
import { lineOf, PageError } from '../backend/errors.js';
import type { PaintOrder } from '../backend/backend.js';
import { BrowserModel } from './browser-model.js';
import type { Answer, Task } from './messages.js';
import { forgetOthers } from './model-files.js';

const answer = (message: Answer): void => postMessage(message);
const running = new Map<number, AbortController>();
const models = new Map<string, BrowserModel>();
let inUse: BrowserModel | undefined;
let last: Promise<void> = Promise.resolve();

onmessage = ({ data: task }: MessageEvent<Task>) => {
  if (task.kind === 'open') open(task).catch((error: unknown) => answer({ kind: 'refused', message: lineOf(error) }));
  if (task.kind === 'cancel') running.get(task.id)?.abort();
  if (task.kind !== 'paint' && task.kind !== 'explain') return;
  running.set(task.id, new AbortController());
  last = last.then(() => carryOut(task));
};

/** Looks at the models beside the page. */
async function open({ manifest: address, mayUseGpu }: Task & { readonly kind: 'open' }): Promise<void> {
  const response = await fetch(address).catch((cause: unknown) => {
    throw new PageError('the page cannot find its models', cause);
  });
  if (!response.ok) throw new PageError(`the page cannot find its models: ${response.status}`);
  const manifest = (await response.json()) as StaticManifest;
  const base = new URL(address);
  await forgetOthers(manifest.models, base);
  const report = (text: string, share?: number): void => answer({ kind: 'loading', text, share });
  const onLoaded = (): void => answer({ kind: 'loaded' });
  const facts = [];
  for (const model of manifest.models) {
    const runtime = new URL(manifest.runtime, base);
    const opened = new BrowserModel({ model, base, runtime, report, onLoaded, mayUseGpu });
    models.set(model.name, opened);
    facts.push(await opened.describe());
  }
  answer({ kind: 'opened', models: facts });
}

/** The model that an order names; the one before makes room, for a browser has little. */
async function modelOf({ model: name }: PaintOrder): Promise<BrowserModel> {
  const model = models.get(name);
  if (model === undefined) throw new PageError(`no such model: ${name}`);
  if (inUse !== model) await inUse?.dispose();
  inUse = model;
  return model;
}

async function carryOut({ kind, id, order }: Task & { readonly kind: 'paint' | 'explain' }): Promise<void> {
  const { signal } = running.get(id)!;
  try {
    signal.throwIfAborted();
    const model = await modelOf(order);
    if (kind === 'explain') answer({ kind: 'explained', id, explanation: await model.explain(order) });
    else
      await model.paint(
        order,
        {
          onPreview: (preview) => answer({ kind: 'preview', id, preview }),
          onImage: (painted) => answer({ kind: 'image', id, painted }),
          onNote: (note) => answer({ kind: 'note', id, note }),
        },
        signal,
      );
    answer({ kind: 'done', id });
  } catch (error) {
    answer({ kind: 'failed', id, message: lineOf(error) });
  } finally {
    answer({ kind: 'loaded' });
    running.delete(id);
  }
}
