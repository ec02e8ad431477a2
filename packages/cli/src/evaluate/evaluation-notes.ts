import { setSummary, type ImageSet } from '@lascaux/data';
import type { EvaluationNotice } from '@lascaux/evaluator/evaluate';
import type { Terminal } from '../commands/terminal.js';
import type { EvaluateFlags } from './evaluate-flags.js';

/** Prints what is worth knowing while sets are read; what is no more than a remark is left out beside JSON. */
export function noteEvaluation(
  notice: EvaluationNotice,
  { terminal, flags }: { terminal: Pick<Terminal, 'note'>; flags: Pick<EvaluateFlags, 'json' | 'skipBad'> },
): void {
  const remark = (line: string): void => (flags.json ? undefined : terminal.note(line));
  switch (notice.kind) {
    case 'found':
      foundLines(notice).forEach(remark);
      break;
    case 'read':
      remark(speedLine(notice));
      break;
    case 'transparent':
      terminal.note(transparencyLine(notice));
      break;
    case 'bad':
      terminal.note(`${flags.skipBad ? 'skipped' : 'bad'}: ${notice.path}: ${notice.name}: ${notice.reason}`);
      break;
    case 'cache':
      terminal.note(`note: features are not kept any more (${notice.reason})`);
      break;
  }
}

/** What was read from a path, in lines: `painted: 12 images; left out: 3 .heic files (…)`. */
function foundLines({ path, set, captions }: { path: string; set: ImageSet; captions: boolean }): readonly string[] {
  const [first, ...notes] = setSummary(set, { captions });
  return [`${path}: ${first}`, ...notes.map((note) => `note: ${path}: ${note}`)];
}

function transparencyLine({ path, count, alpha }: Extract<EvaluationNotice, { kind: 'transparent' }>): string {
  const how =
    alpha === 'white'
      ? 'white is put behind them'
      : 'the colours that lie below count, as in pytorch-fid (--alpha white puts white behind)';
  return `note: ${path}: ${count} of the images decoded now have transparent parts: ${how}`;
}

function speedLine({ path, milliseconds, progress }: Extract<EvaluationNotice, { kind: 'read' }>): string {
  const { done, cached: known, read, waitingMs, workingMs } = progress;
  const speed = ((1000 * (done - known)) / milliseconds).toFixed(2);
  const waiting = ((100 * waitingMs) / Math.max(waitingMs + workingMs, 1e-9)).toFixed(1);
  const rest = done > known ? `; ${speed} images/s, the network waited ${waiting} % of the time` : '';
  return `${path}: ${done} pictures, ${known} of them known from the cache, ${read} files read${rest}`;
}
