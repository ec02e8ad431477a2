import type { Answer, Task } from '../worker/messages.js';
import type { Backend, Explanation, LoadingReport, PaintEvents, PaintOrder } from './backend.js';
import { PageError } from './errors.js';

/** What is told while models are fetched and opened, outside of `models`. */
export interface BrowserBackendOptions {
  readonly onLoading: LoadingReport;
  readonly onLoaded: () => void;
  /** Whether it may paint on the GPU, where there is one. */
  readonly mayUseGpu: boolean;
}

interface Waiting {
  readonly events?: PaintEvents;
  readonly resolve: (explanation?: Explanation) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Painting in this browser, with models that lie beside the page, in a worker: the page answers meanwhile.
 * @param manifest the address of `manifest.json`
 */
export function browserBackend(manifest: URL, { onLoading, onLoaded, mayUseGpu }: BrowserBackendOptions): Backend {
  const worker = new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module' });
  const tell = (task: Task): void => worker.postMessage(task);
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  worker.addEventListener('message', ({ data: answer }: MessageEvent<Answer>) => {
    if (answer.kind === 'loading') return onLoading(answer.text, answer.share);
    if (answer.kind === 'loaded') return onLoaded();
    if (answer.kind !== 'opened' && answer.kind !== 'refused') pass(answer, waiting.get(answer.id));
  });
  const ask = (task: Task & { readonly id: number }, events?: PaintEvents): Promise<Explanation | undefined> =>
    new Promise<Explanation | undefined>((resolve, reject) => {
      waiting.set(task.id, { events, resolve, reject });
      tell(task);
    }).finally(() => waiting.delete(task.id));

  return {
    place: 'in this browser',
    models: () =>
      new Promise((resolve, reject) => {
        const hear = ({ data: answer }: MessageEvent<Answer>): void => {
          if (answer.kind === 'opened') resolve(answer.models);
          else if (answer.kind === 'refused') reject(new PageError(answer.message));
          else return;
          worker.removeEventListener('message', hear);
        };
        worker.addEventListener('message', hear);
        worker.addEventListener('error', ({ message }) => reject(new PageError(`painting cannot begin: ${message}`)));
        tell({ kind: 'open', manifest: manifest.href, mayUseGpu });
      }),
    paint: async (order: PaintOrder, events, signal) => {
      const id = ++lastId;
      const cancel = (): void => tell({ kind: 'cancel', id });
      signal.addEventListener('abort', cancel, { once: true });
      try {
        await ask({ kind: 'paint', id, order }, events);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
    explain: async (order) => (await ask({ kind: 'explain', id: ++lastId, order }))!,
  };
}

function pass(answer: Answer & { readonly id: number }, waiting: Waiting | undefined): void {
  if (waiting === undefined) return;
  const { events, resolve, reject } = waiting;
  if (answer.kind === 'preview') events?.onPreview(answer.preview);
  if (answer.kind === 'image') events?.onImage(answer.painted);
  if (answer.kind === 'note') events?.onNote(answer.note);
  if (answer.kind === 'explained') resolve(answer.explanation);
  if (answer.kind === 'done') resolve();
  if (answer.kind === 'failed') reject(new PageError(answer.message));
}
