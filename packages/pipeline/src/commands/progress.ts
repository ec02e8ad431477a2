import { Presets, SingleBar } from 'cli-progress';
import type { GenerateProgress } from '../pipeline-types.js';
import type { Terminal } from './terminal.js';

/** A progress display of the sampling steps of all images. */
export interface StepProgress {
  readonly update: (progress: GenerateProgress) => void;
  /** Takes the display away; harmless when called twice. */
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
    if (!started) bar.start(count * steps, 0);
    started = true;
    bar.update(image * steps + step);
  }

  function stop(): void {
    if (started) bar.stop();
    started = false;
  }

  return { update, stop };
}
