import type { TrainingProgress } from '@lascaux/training';
import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from '../commands/terminal.js';

/** Milliseconds between lines where nobody watches. */
const LINE_EVERY = 30_000;

/** Shows how far a training is. */
export interface TrainingDisplay {
  readonly update: (progress: TrainingProgress) => void;
  /** Shows a preparation such as the encoding of pictures. */
  readonly prepare: (what: string, done: number, total: number) => void;
  /** Takes the display away, so that a line can be printed; harmless when called twice. */
  readonly stop: () => void;
}

/** `12m 30s` or `2h 05m`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(rest)}s` : `${rest}s`;
}

const facts = ({ loss, imagesPerSecond, secondsLeft }: TrainingProgress): string =>
  `loss ${Number.isNaN(loss) ? '…' : loss.toPrecision(4)}, ${imagesPerSecond.toFixed(1)} images/s, ${duration(secondsLeft)} left`;

/** A bar on standard error where somebody watches it, else a line every half minute. */
export function trainingDisplay(terminal: Terminal): TrainingDisplay {
  return terminal.interactive ? bars() : lines(terminal);
}

function lines(terminal: Terminal): TrainingDisplay {
  let last = performance.now();
  const say = (line: () => string): void => {
    if (performance.now() - last < LINE_EVERY) return;
    last = performance.now();
    terminal.note(line());
  };
  return {
    update: (progress) => say(() => `${progress.imagesSeen}/${progress.totalImages} images, ${facts(progress)}`),
    prepare: (what, done, total) => say(() => `${what} ${done}/${total}`),
    stop: () => undefined,
  };
}

function bars(): TrainingDisplay {
  const bar = new SingleBar(
    {
      format: '{bar} {what} {value}/{total}{facts}',
      clearOnComplete: true,
      stream: process.stderr,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  let shown: string | undefined;
  const show = (what: string, { done, total, text }: { done: number; total: number; text: string }): void => {
    if (shown !== what) {
      if (shown !== undefined) bar.stop();
      bar.start(total, done, { what, facts: text });
      shown = what;
    }
    bar.update(done, { what, facts: text });
  };
  return {
    update: (progress) =>
      show('images', { done: progress.imagesSeen, total: progress.totalImages, text: `, ${facts(progress)}` }),
    prepare: (what, done, total) => show(what, { done, total, text: '' }),
    stop: () => {
      if (shown !== undefined) bar.stop();
      shown = undefined;
    },
  };
}
