import { evaluateNll, nllConventions, nllReport, type NllPart, type NllResult } from '@lascaux/evaluator/evaluate';
import { hubDisplay } from '../commands/model-of-flag.js';
import type { Terminal } from '../commands/terminal.js';
import { evaluationDisplay } from './evaluation-display.js';
import { noteEvaluation } from './evaluation-notes.js';
import { nllText } from './nll-text.js';
import { checkReport, writeReport } from './write-report.js';

/** The flags of `evaluate nll`, already checked one by one. */
export interface NllFlags {
  readonly model?: string;
  /** For a model of the hub: the cache alone. */
  readonly offline?: true;
  readonly split?: string;
  readonly skipBad: boolean;
  readonly count?: number;
  readonly k: number;
  readonly timesteps: number | 'all';
  readonly only?: NllPart;
  readonly unconditional: boolean;
  readonly seed: number;
  readonly size?: number;
  readonly device: string;
  readonly json: boolean;
  readonly report?: string;
}

/** Runs `evaluate nll` and prints its table or JSON. */
export async function runNll(images: string, flags: NllFlags, terminal: Terminal): Promise<void> {
  const { offline, only, k, json: isJson, report, ...options } = flags;
  await checkReport(report);
  const display = evaluationDisplay(terminal);
  const hub = hubDisplay(terminal);
  const stop = (): void => [display, hub].forEach((shown) => shown.stop());
  try {
    const result = await evaluateNll({
      ...options,
      images,
      hub: { offline, ...hub.options },
      samples: k,
      parts: only === undefined ? undefined : [only],
      signal: terminal.signal,
      onNotice: (notice) => noteEvaluation(notice, { terminal, flags }),
      onProgress: ({ done, total }) => display.update('pictures', done, total),
    });
    stop();
    if (report !== undefined) await writeReport(report, await nllReport(result, { images, ...options }));
    terminal.result(isJson ? nllJson(result) : nllText(result));
  } finally {
    stop();
  }
}

/** One object; what single pictures contributed stays out. */
function nllJson({ perPicture: _, ...result }: NllResult): string {
  return JSON.stringify({ metric: 'nll', ...result, conventions: nllConventions });
}
