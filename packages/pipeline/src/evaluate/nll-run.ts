import { trainingDisplay } from '../train/training-display.js';
import type { Terminal } from '../commands/terminal.js';
import { findModel } from '../model/find-model.js';
import { evaluateNll } from './nll.js';
import { nllConventions, type NllPart } from './nll-result.js';
import { nllText } from './nll-text.js';

/** The flags of `evaluate nll`, already checked one by one. */
export interface NllFlags {
  readonly data: string;
  readonly model?: string;
  readonly split?: string;
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
  const { model, only, k, json, report: _report, ...options } = flags;
  const display = trainingDisplay(terminal);
  try {
    const result = await evaluateNll({
      ...options,
      model: findModel(model, '--model'),
      samples: k,
      ...(only === undefined ? {} : { parts: [only] }),
      signal: terminal.signal,
      onProgress: (done, total) => display.prepare('pictures', done, total),
    });
    display.stop();
    terminal.result(json ? JSON.stringify({ metric: 'nll', ...result, conventions: nllConventions }) : nllText(result));
  } finally {
    display.stop();
  }
}
