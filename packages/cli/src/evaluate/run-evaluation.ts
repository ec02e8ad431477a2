import type { EvaluationRequest } from './evaluate-flags.js';
import type { EvaluationResult } from './evaluation-result.js';
import { evaluationJson, evaluationText } from './evaluation-text.js';
import { evaluationReport } from './report/evaluation-report.js';
import { checkReport, writeReport } from './report/write-report.js';

/** The metrics over pictures, each loaded when it is asked for. */
const metrics = {
  fid: async () => (await import('./metrics/fid.js')).evaluateFid,
  kid: async () => (await import('./metrics/kid.js')).evaluateKid,
  is: async () => (await import('./metrics/inception-score.js')).evaluateInceptionScore,
  prc: async () => (await import('./metrics/precision-recall.js')).evaluatePrecisionRecall,
  clip: async () => (await import('./metrics/clip-score.js')).evaluateClipScore,
  cmmd: async () => (await import('./metrics/cmmd.js')).evaluateCmmd,
  accuracy: async () => (await import('./metrics/accuracy.js')).evaluateAccuracy,
} satisfies Record<string, () => Promise<(request: EvaluationRequest) => Promise<EvaluationResult>>>;

/** Name of a metric over pictures. */
export type MetricName = keyof typeof metrics;

/** Computes a metric, prints it, and writes its report page where one is asked for. @throws {LascauxError} before any number is printed */
export async function runEvaluation(metric: MetricName, request: EvaluationRequest): Promise<EvaluationResult> {
  const { report } = request.flags;
  await checkReport(report);
  const evaluate = await metrics[metric]();
  const result = await evaluate(report === undefined ? request : { ...request, keepFeatures: true });
  if (report !== undefined) await writeReport(report, await evaluationReport(result));
  printEvaluation(result, request);
  return result;
}

/** Prints a result to standard output as text, or as JSON with `--json`. */
export function printEvaluation(
  result: EvaluationResult,
  { flags, terminal }: { flags: { readonly json: boolean }; terminal: Pick<EvaluationRequest['terminal'], 'result'> },
): void {
  terminal.result(flags.json ? evaluationJson(result) : evaluationText(result));
}
