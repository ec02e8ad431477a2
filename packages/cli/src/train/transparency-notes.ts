import type { Terminal } from '../commands/terminal.js';

/** Counts images with transparent parts, which are trained on with white behind. */
export interface TransparencyNotes {
  /** Takes note of an image; the first is told at once where no progress bar stands in the way. */
  readonly met: (name: string) => void;
  /** Says how many there were. */
  readonly finish: () => void;
}

/** Notes of one training. */
export function transparencyNotes(terminal: Pick<Terminal, 'note' | 'interactive'>): TransparencyNotes {
  const names = new Set<string>();
  return {
    met(name) {
      if (names.size === 0 && !terminal.interactive)
        terminal.note(`note: ${name} has transparent parts: white is laid behind them, here and elsewhere`);
      names.add(name);
    },
    finish() {
      if (names.size > 1 || (names.size === 1 && terminal.interactive))
        terminal.note(`note: white was laid behind the transparent parts of ${names.size} images`);
    },
  };
}
