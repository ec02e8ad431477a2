import { Presets, SingleBar } from 'cli-progress';
import type { GenerateProgress } from '@lascaux/pipeline';
import type { Terminal } from './terminal.js';

/** A progress display of the sampling steps of all images. */
export interface StepProgress {
  readonly update: (progress: GenerateProgress) => void;
  /** Takes the display away until the next update, so that a line can be printed; harmless when called twice. */
  readonly stop: () => void;
}

/** A bar on standard error where somebody watches it, and nothing otherwise. */
export function stepProgress({ interactive }: Pick<Terminal, 'interactive'>): StepProgress {
  if (!interactive) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} steps, {eta_formatted} left', clearOnComplete: true, stream: process.stderr },
    Presets.shades_classic,
  );
  let started = false;

  function update({ image, count, step, steps }: GenerateProgress): void {
    const done = image * steps + step;
    if (!started) bar.start(count * steps, done);
    started = true;
    bar.update(done);
  }

  function stop(): void {
    if (started) bar.stop();
    started = false;
  }

  return { update, stop };
}
