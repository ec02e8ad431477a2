// The program of a painting process: one model, one image at a time. Why: docs/decisions/0153.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readKnownWords, type KnownWords } from '@lascaux/models';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { promptNotes, settingNotes, wordNotes } from '@lascaux/pipeline/notes';
import { hasPreview, settingsText } from '@lascaux/pipeline/options';
import type { PaintedImage } from './painter.js';
import { packError, type PaintAnswer, type PaintTask } from './process-messages.js';

type PaintOrder = PaintTask & { readonly kind: 'paint' };

const running = new Map<number, AbortController>();
const answer = (message: PaintAnswer): void => void process.send?.(message);

/** A loaded model, and the words that it says it knows. */
interface Loaded {
  readonly pipeline: TextToImagePipeline;
  readonly words: KnownWords | undefined;
}

async function paint({ pipeline, words }: Loaded, { id, request, previews }: PaintOrder): Promise<PaintedImage> {
  const { model } = pipeline;
  const result = await pipeline.generate({
    ...request,
    signal: running.get(id)?.signal,
    onStep: async ({ step, steps, preview }) => {
      const shown = hasPreview({ step, steps }, previews) ? await preview() : undefined;
      answer({ kind: 'step', id, progress: { step, steps, preview: shown } });
      // ONNX Runtime held the thread during the step: now a cancellation that arrived meanwhile is heard.
      await nextTurn();
    },
  });
  const { images, options } = result;
  const { seed, ...image } = images[0]!;
  const parameters = settingsText(options, { seed, model: model.name, vae: model.vaeName });
  const notes = [...settingNotes(request, model, options), ...wordNotes(options, words), ...promptNotes(result)];
  return { image, seed, options, parameters, notes };
}

/** Between two steps of an image that is painted: it takes a moment. */
async function explained(
  { pipeline }: Loaded,
  { id, request }: PaintTask & { readonly kind: 'explain' },
): Promise<PaintAnswer> {
  try {
    return { kind: 'explained', id, explanation: await pipeline.explain(request) };
  } catch (error) {
    return { kind: 'failed', id, error: packError(error) };
  }
}

async function carryOut(loaded: Loaded, order: PaintOrder): Promise<void> {
  try {
    answer({ kind: 'painted', id: order.id, painted: await paint(loaded, order) });
  } catch (error) {
    answer({ kind: 'failed', id: order.id, error: packError(error) });
  } finally {
    running.delete(order.id);
  }
}

async function load({ folder, options }: PaintTask & { readonly kind: 'open' }): Promise<Loaded> {
  const words = await readKnownWords(folder);
  return { words, pipeline: await TextToImagePipeline.fromPretrained(folder, options) };
}

function serve(loaded: Loaded): void {
  let last = Promise.resolve();
  process.on('message', (task: PaintTask) => {
    if (task.kind === 'cancel') running.get(task.id)?.abort();
    if (task.kind === 'explain') void explained(loaded, task).then(answer);
    if (task.kind === 'close') void last.then(() => loaded.pipeline.dispose()).finally(() => process.disconnect());
    if (task.kind !== 'paint') return;
    running.set(task.id, new AbortController());
    last = last.then(() => carryOut(loaded, task));
  });
  answer({ kind: 'opened' });
}

// A terminal's Ctrl-C reaches this process too: what becomes of running work is the parent's to say.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => process.exit());
process.once('message', (task: PaintTask) => {
  if (task.kind !== 'open') return;
  load(task).then(serve, (error: unknown) => {
    process.send?.({ kind: 'refused', error: packError(error) } satisfies PaintAnswer, () => process.disconnect());
  });
});
