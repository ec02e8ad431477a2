import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from '../commands/terminal.js';

/** Milliseconds between lines where nobody watches. */
const LINE_EVERY = 30_000;

/** Shows how far a set is. */
export interface EvaluationDisplay {
  readonly update: (what: string, done: number, total: number) => void;
  /** Takes the display away, so that a line can be printed. */
  readonly stop: () => void;
}

/** A bar on standard error where somebody watches it, else a line every half minute. */
export function evaluationDisplay(terminal: Terminal): EvaluationDisplay {
  return terminal.interactive ? bars() : lines(terminal);
}

function lines(terminal: Terminal): EvaluationDisplay {
  let last = performance.now();
  return {
    update(what, done, total) {
      if (performance.now() - last < LINE_EVERY || done >= total) return;
      last = performance.now();
      terminal.note(`${what} ${done}/${total}`);
    },
    stop: () => undefined,
  };
}

function bars(): EvaluationDisplay {
  const format = '{bar} {what} {value}/{total}, {eta_formatted} left';
  const bar = new SingleBar(
    { format, clearOnComplete: true, stream: process.stderr, gracefulExit: false, etaBuffer: 20 },
    Presets.shades_classic,
  );
  let shown: string | undefined;
  const stop = (): void => {
    if (shown !== undefined) bar.stop();
    shown = undefined;
  };
  return {
    update(what, done, total) {
      if (shown !== what) {
        stop();
        bar.start(total, done, { what });
        shown = what;
      }
      bar.update(done, { what });
    },
    stop,
  };
}
