import { Presets, SingleBar } from 'cli-progress';
import type { ConvertProgress } from '@lascaux/models/convert';
import type { Terminal } from './terminal.js';

/** A bar of the bytes written, on standard error where somebody watches it, and nothing otherwise. */
export function convertProgress({ interactive }: Pick<Terminal, 'interactive'>): {
  readonly update: (progress: ConvertProgress) => void;
  readonly stop: () => void;
} {
  if (!interactive) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    { format: '{bar} {percentage} % {component}, {eta_formatted} left', clearOnComplete: true, stream: process.stderr },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update: ({ component, done, total }) => {
      if (!started) bar.start(total, 0, { component });
      started = true;
      bar.update(done, { component });
    },
    stop: () => {
      if (started) bar.stop();
    },
  };
}
