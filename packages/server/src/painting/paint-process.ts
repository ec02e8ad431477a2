// The program of a painting process: one model, one image at a time. Why: docs/decisions/0153.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { settingsText, TextToImagePipeline } from '@lascaux/pipeline';
import { hasPreview, type PaintedImage } from './painter.js';
import { packError, type PaintAnswer, type PaintTask } from './process-messages.js';

type PaintOrder = PaintTask & { readonly kind: 'paint' };

const running = new Map<number, AbortController>();
const answer = (message: PaintAnswer): void => void process.send?.(message);

async function paint(pipeline: TextToImagePipeline, { id, request, previews }: PaintOrder): Promise<PaintedImage> {
  const { model } = pipeline;
  const { images, options } = await pipeline.generate({
    ...request,
    signal: running.get(id)?.signal,
    onStep: async ({ step, steps, preview }) => {
      const shown = hasPreview({ step, steps }, previews) ? await preview() : undefined;
      answer({ kind: 'step', id, progress: { step, steps, preview: shown } });
      // ONNX Runtime held the thread during the step: now a cancellation that arrived meanwhile is heard.
      await nextTurn();
    },
  });
  const { seed, ...image } = images[0]!;
  const parameters = settingsText(options, { seed, model: model.name, vae: model.vaeName });
  return { image, seed, options, parameters };
}

async function carryOut(pipeline: TextToImagePipeline, order: PaintOrder): Promise<void> {
  try {
    answer({ kind: 'painted', id: order.id, painted: await paint(pipeline, order) });
  } catch (error) {
    answer({ kind: 'failed', id: order.id, error: packError(error) });
  } finally {
    running.delete(order.id);
  }
}

function serve(pipeline: TextToImagePipeline): void {
  let last = Promise.resolve();
  process.on('message', (task: PaintTask) => {
    if (task.kind === 'cancel') running.get(task.id)?.abort();
    if (task.kind === 'close') void last.then(() => pipeline.dispose()).finally(() => process.disconnect());
    if (task.kind !== 'paint') return;
    running.set(task.id, new AbortController());
    last = last.then(() => carryOut(pipeline, task));
  });
  answer({ kind: 'opened' });
}

// A terminal's Ctrl-C reaches this process too: what becomes of running work is the parent's to say.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => process.exit());
process.once('message', (task: PaintTask) => {
  if (task.kind !== 'open') return;
  TextToImagePipeline.fromPretrained(task.folder, task.options).then(serve, (error: unknown) => {
    process.send?.({ kind: 'refused', error: packError(error) } satisfies PaintAnswer, () => process.disconnect());
  });
});
