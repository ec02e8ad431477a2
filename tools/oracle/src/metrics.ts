import type { CaseResult } from './case-result.js';

/** Runs the parsed contents of one oracle file. */
export type FileRunner = (json: unknown) => CaseResult[] | Promise<CaseResult[]>;

/** Runners of the metric formats, by the prefix of the file name (`frechet_`, `kid`, `precision_recall` …). */
export const metricRunners: Record<string, FileRunner> = {};
