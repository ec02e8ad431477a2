import { trainingDisplay } from '../train/training-display.js';
import { modelOfFlag } from '../commands/model-of-flag.js';
import type { Terminal } from '../commands/terminal.js';
import { noteSet } from './left-out.js';
import { evaluateNll } from './nll.js';
import { nllReport } from './nll-report.js';
import { nllConventions, type NllPart, type NllResult } from './nll-result.js';
import { nllText } from './nll-text.js';
import { checkReport, writeReport } from './report/write-report.js';

/** The flags of `evaluate nll`, already checked one by one. */
export interface NllFlags {
  readonly data: string;
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
export async function runNll(flags: NllFlags, terminal: Terminal): Promise<void> {
  const { model: named, offline, only, k, json, report, ...options } = flags;
  await checkReport(report);
  const model = await modelOfFlag(named, terminal, { offline });
  const display = trainingDisplay(terminal);
  try {
    const result = await evaluateNll({
      ...options,
      model,
      samples: k,
      ...(only === undefined ? {} : { parts: [only] }),
      signal: terminal.signal,
      onFound: (set) => {
        if (!json) noteSet(set, { path: flags.data, captions: !flags.unconditional, terminal });
      },
      onProgress: (done, total) => display.prepare('pictures', done, total),
    });
    display.stop();
    if (report !== undefined) await writeReport(report, await nllReport(result, options));
    terminal.result(json ? nllJson(result) : nllText(result));
  } finally {
    display.stop();
  }
}

/** One object; what single pictures contributed stays out. */
function nllJson({ perPicture: _, ...result }: NllResult): string {
  return JSON.stringify({ metric: 'nll', ...result, conventions: nllConventions });
}
