import { setSummary } from '@lascaux/data';
import type { TrainingNotice } from '@lascaux/models/train';
import type { Terminal } from '../commands/terminal.js';

/** Prints what is worth knowing while a part is trained. */
export interface TrainingNotes {
  readonly tell: (notice: TrainingNotice) => void;
  /** Whether there was nothing to resume. */
  readonly isFresh: () => boolean;
  /** Says how many images had transparent parts. */
  readonly finish: () => void;
}

/** Notes of one training. */
export function trainingNotes(terminal: Pick<Terminal, 'note' | 'interactive'>): TrainingNotes {
  const transparency = transparencyNotes(terminal);
  let isFresh = false;

  function tell(notice: TrainingNotice): void {
    if (notice.kind === 'fresh') isFresh = true;
    if (notice.kind === 'transparent') transparency.met(notice.name);
    else for (const line of linesOf(notice)) terminal.note(line);
  }

  return { tell, isFresh: () => isFresh, finish: transparency.finish };
}

function linesOf(notice: Exclude<TrainingNotice, { kind: 'transparent' }>): readonly string[] {
  switch (notice.kind) {
    case 'data': {
      const [first, ...notes] = setSummary(notice.set, { captions: notice.captions });
      return [`data: ${first}`, ...notes.map((note) => `note: ${note}`)];
    }
    case 'few': {
      const { images, batchSize } = notice;
      return [`note: ${images} pictures are fewer than a batch of ${batchSize}: some come twice in a batch`];
    }
    case 'fresh':
      return [`nothing to resume in ${notice.out}: a new run begins`];
    case 'engine': {
      const { reason, threads } = notice;
      const how = threads === undefined ? '' : `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      return [`engine: ${reason}${how}`];
    }
    case 'sharing': {
      const { replicas, trials } = notice;
      const times = trials.map((trial) => `${trial.replicas}: ${trial.secondsPerStep.toPrecision(3)} s a step`);
      return trials.length === 0 ? [] : [`replicas: ${replicas} (tried ${times.join(', ')})`];
    }
  }
}

/** Counts images with transparent parts, which are trained on with white behind; the first is told at once where no bar stands in the way. */
function transparencyNotes(terminal: Pick<Terminal, 'note' | 'interactive'>) {
  const names = new Set<string>();
  return {
    met: (name: string): void => {
      if (names.size === 0 && !terminal.interactive)
        terminal.note(`note: ${name} has transparent parts: white is laid behind them, here and elsewhere`);
      names.add(name);
    },
    finish: (): void => {
      if (names.size > 1 || (names.size === 1 && terminal.interactive))
        terminal.note(`note: white was laid behind the transparent parts of ${names.size} images`);
    },
  };
}
