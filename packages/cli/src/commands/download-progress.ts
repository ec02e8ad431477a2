import { Presets, SingleBar } from 'cli-progress';
import { formatBytes } from '@lascaux/nn';
import type { PullOptions } from '@lascaux/models/hub';
import type { Terminal } from './terminal.js';

/** A display of a download, as options of a pull, and a function that takes it away. */
export interface DownloadProgress {
  readonly options: Pick<PullOptions, 'onStart' | 'onProgress' | 'onNote'>;
  readonly stop: () => void;
}

/** One line that says what comes, and a bar on standard error where somebody watches it. */
export function downloadProgress({ interactive, note }: Pick<Terminal, 'interactive' | 'note'>): DownloadProgress {
  let bar: SingleBar | undefined;

  function stop(): void {
    bar?.stop();
    bar = undefined;
  }

  return {
    stop,
    options: {
      onStart({ repository, files, bytes }) {
        stop();
        note(`pulling ${repository}: ${files} files, ${formatBytes(bytes)}`);
        if (!interactive) return;
        bar = new SingleBar(
          {
            format: '{bar} {percentage} %, {done} of {whole}, {eta_formatted} left',
            clearOnComplete: true,
            stream: process.stderr,
            etaBuffer: 50,
          },
          Presets.shades_classic,
        );
        bar.start(bytes, 0, { done: formatBytes(0), whole: formatBytes(bytes) });
      },
      onProgress: (bytes) => bar?.update(bytes, { done: formatBytes(bytes) }),
      onNote(line) {
        stop();
        note(`note: ${line}`);
      },
    },
  };
}
