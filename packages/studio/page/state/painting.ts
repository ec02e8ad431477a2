import { batch, signal } from '@preact/signals';
import type { PaintOrder, Preview } from '../backend/backend.js';
import { isStopped, PageError } from '../backend/errors.js';
import { history, keep, type Picture } from './history.js';
import { backend, problem, report, started } from './session.js';
import { change, drawSeed, model, settings, type Settings } from './settings.js';
import { maskImage, source } from './source.js';

/** What is being painted. */
export interface Running {
  readonly settings: Settings;
  /** What is still to come, in words. */
  readonly label?: string;
  /** How far the picture is; undefined before its first step. */
  readonly preview?: Preview;
}

/** What is being painted; undefined: nothing. */
export const running = signal<Running | undefined>(undefined);
/** The picture that is shown large. */
export const shown = signal<Picture | undefined>(undefined);
/** Remarks about the last order. */
export const notes = signal<readonly string[]>([]);
/** The previews of the last picture, step by step. */
export const trail = signal<readonly Preview[]>([]);

let controller: AbortController | undefined;

/** The order for some settings, from the picture and the mask that are chosen. */
export async function orderOf(chosen: Settings): Promise<PaintOrder> {
  const { isSeedLocked: _, strength, previews, ...rest } = chosen;
  const { value: start } = source;
  const wanted = { 'every step': chosen.steps, three: 3, none: 0 }[previews];
  const from = start && { image: start.image, mask: await maskImage(), strength };
  return { ...rest, previews: Math.min(wanted, chosen.steps), source: from };
}

/** Paints what is chosen, under a seed of its own where none is locked. */
export async function paint(): Promise<void> {
  await started();
  if (running.value !== undefined || model.value === undefined) return;
  if (!settings.value.isSeedLocked) change({ seed: drawSeed() });
  await work(async (signal) => void (await paintSettings(settings.value, signal)));
}

/** Does some painting that can be stopped; what goes wrong is shown. */
export async function work(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
  controller = new AbortController();
  batch(() => {
    problem.value = undefined;
    notes.value = [];
  });
  try {
    await task(controller.signal);
  } catch (error) {
    if (!isStopped(error)) report(error);
  } finally {
    running.value = undefined;
    controller = undefined;
  }
}

/**
 * Paints the pictures of some settings and keeps them.
 * @throws what the backend throws
 */
export async function paintSettings(
  chosen: Settings,
  signal: AbortSignal,
  label?: string,
): Promise<readonly Picture[]> {
  const order = await orderOf(chosen);
  const pictures: Promise<Picture>[] = [];
  batch(() => {
    running.value = { settings: chosen, label };
    trail.value = [];
  });
  await backend.paint(
    order,
    {
      onPreview: (preview) =>
        batch(() => {
          running.value = { settings: chosen, label, preview };
          const { value: before } = trail;
          trail.value = before[0]?.index === preview.index ? [...before, preview] : [preview];
        }),
      onImage: ({ seed, image, width, height }) => {
        const own = { ...chosen, seed, count: 1, width, height };
        const hasSource = order.source !== undefined;
        pictures.push(show({ created: Date.now(), settings: own, width, height, image, hasSource }));
      },
      onNote: (note) => {
        if (!notes.value.includes(note)) notes.value = [...notes.value, note];
      },
    },
    signal,
  );
  if (pictures.length === 0) throw new PageError('painting ended without a picture');
  return Promise.all(pictures);
}

/** Keeps a picture and shows it; what is painted after it has no preview yet. */
async function show(picture: Omit<Picture, 'id'>): Promise<Picture> {
  const kept = await keep(picture);
  batch(() => {
    shown.value = kept;
    const { value: now } = running;
    if (now !== undefined) running.value = { settings: now.settings, label: now.label };
  });
  return kept;
}

/** Stops painting: the server frees the place within one step. */
export function stop(): void {
  controller?.abort();
}

/** Shows the newest picture, after a reload. */
export function showNewest(): void {
  shown.value ??= history.value[0];
}
