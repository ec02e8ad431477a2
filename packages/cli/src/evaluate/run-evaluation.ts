import type {
  AccuracyOptions,
  EvaluationOptions,
  EvaluationResult,
  FeatureOptions,
  SetPair,
} from '@lascaux/evaluator/evaluate';
import { check } from '@lascaux/nn';
import { hubDisplay } from '../commands/model-of-flag.js';
import type { Terminal } from '../commands/terminal.js';
import type { EvaluateFlags } from './evaluate-flags.js';
import { evaluationDisplay } from './evaluation-display.js';
import { noteEvaluation } from './evaluation-notes.js';
import { evaluationJson, evaluationText } from './evaluation-text.js';
import { checkReport, writeReport } from './write-report.js';

/** What a metric is told. */
export interface EvaluationRequest {
  /** A, and B where it was given. */
  readonly paths: readonly string[];
  readonly flags: EvaluateFlags;
  readonly terminal: Terminal;
}

/** The options of a call that every metric has, and what each takes of the flags besides. */
type Call = FeatureOptions & SetPair & { readonly images: string; readonly flags: EvaluateFlags };

const library = () => import('@lascaux/evaluator/evaluate');

/** The metrics over pictures; the library is loaded when one is asked for. */
const metrics = {
  fid: async (call: Call) => (call.real === undefined ? saveStatistics(call) : (await library()).evaluateFid(call)),
  kid: async (call: Call) => (await library()).evaluateKid(call),
  is: async (call: Call) => (await library()).evaluateInceptionScore(call),
  prc: async (call: Call) => (await library()).evaluatePrecisionRecall(call),
  clip: async (call: Call) => (await library()).evaluateClipScore(call),
  cmmd: async (call: Call) => (await library()).evaluateCmmd(call),
  accuracy: async (call: Call) =>
    (await library()).evaluateAccuracy(call as Call & Pick<AccuracyOptions, 'classifier'>),
} satisfies Record<string, (call: Call) => Promise<EvaluationResult>>;

/** Name of a metric over pictures. */
export type MetricName = keyof typeof metrics;

/** The statistics of one set. */
async function saveStatistics({ flags: { save }, ...call }: Call): Promise<EvaluationResult> {
  const rule = 'needs two sets, or --save FILE for the statistics of one';
  check(save !== undefined, { operation: 'fid', rule, value: call.images, kind: 'usage' });
  return (await library()).saveStatistics({ ...call, save });
}

/** Computes a metric, prints it, and writes its report page where one is asked for. @throws {LascauxError} before any number is printed */
export async function runEvaluation(metric: MetricName, request: EvaluationRequest): Promise<EvaluationResult> {
  const { paths, flags, terminal } = request;
  await checkReport(flags.report);
  const { options, stop } = shownOptions(flags, terminal);
  const [generated = '', real] = paths;
  const { report, json: _, dims: dimensions, min: minimum, offline: __, ...same } = flags;
  const call = { ...same, ...options, dimensions, minimum, keepFeatures: report !== undefined };
  try {
    const result = await metrics[metric]({ ...call, generated, real: real!, images: generated, flags });
    stop();
    if (report !== undefined) await writeReport(report, await (await library()).evaluationReport(result));
    terminal.result(flags.json ? evaluationJson(result) : evaluationText(result));
    return result;
  } finally {
    stop();
  }
}

/** The options of a call by which it is stopped and shows itself on a terminal. */
function shownOptions(flags: EvaluateFlags, terminal: Terminal) {
  const display = evaluationDisplay(terminal);
  const hub = hubDisplay(terminal);
  const stop = (): void => [display, hub].forEach((shown) => shown.stop());
  const options: EvaluationOptions & Pick<FeatureOptions, 'hub'> = {
    hub: { offline: flags.offline, ...hub.options },
    signal: terminal.signal,
    onProgress: ({ what, set, done, total }) =>
      display.update(set === undefined ? what : `pictures of ${set}`, done, total),
    onNotice: (notice) => {
      display.stop();
      noteEvaluation(notice, { terminal, flags });
    },
  };
  return { options, stop };
}
