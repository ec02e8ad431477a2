import { appendFile, readFile } from 'node:fs/promises';
import { LascauxError, writeFileAtomically } from '@lascaux/nn';

/** One line of `metrics.jsonl`: means over the steps since the line before it. */
export interface MetricsRow {
  readonly imagesSeen: number;
  readonly step: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly learningRate: number;
  readonly gradientNorm: number;
  readonly imagesPerSecond: number;
  /** The share of the time spent waiting for batches. */
  readonly dataWaitShare: number;
  readonly seconds: number;
  /** Multiplications and additions per second in matrix products and convolutions, in 10⁹. */
  readonly gigaflopsPerSecond: number;
  /** The same as a share of the machine's measured limit, where that was given. */
  readonly limitShare?: number;
}

/** What one step reports. */
export interface StepReport {
  readonly imagesSeen: number;
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly learningRate: number;
}

/** What a window of steps took. */
export interface WindowTimes {
  readonly seconds: number;
  /** Seconds of these spent waiting for batches. */
  readonly waited: number;
  readonly images: number;
  /** Floating-point operations of one step. */
  readonly flopsPerStep: number;
  /** The machine's limit in floating-point operations per second. */
  readonly limit?: number;
}

/** Means over a window of steps. */
export interface MetricsWindow {
  add(report: StepReport): void;
  /** The row for what was added since the last one; undefined when nothing was. */
  close(times: WindowTimes): MetricsRow | undefined;
}

/** Collects step reports into rows. */
export function metricsWindow(): MetricsWindow {
  let reports: StepReport[] = [];
  const mean = (of: (report: StepReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0) / reports.length;
  return {
    add: (report) => void reports.push(report),
    close: ({ seconds, waited, images, flopsPerStep, limit }) => {
      const last = reports.at(-1);
      if (last === undefined) return undefined;
      const speed = (flopsPerStep * reports.length) / seconds;
      const row: MetricsRow = {
        imagesSeen: last.imagesSeen,
        step: last.step,
        loss: mean((report) => report.loss),
        metrics: Object.fromEntries(
          Object.keys(last.metrics).map((name) => [name, mean((report) => report.metrics[name] as number)]),
        ),
        learningRate: last.learningRate,
        gradientNorm: mean((report) => report.gradientNorm),
        imagesPerSecond: images / seconds,
        dataWaitShare: waited / seconds,
        seconds,
        gigaflopsPerSecond: speed / 1e9,
        ...(limit === undefined ? {} : { limitShare: speed / limit }),
      };
      reports = [];
      return row;
    },
  };
}

/** Appends a row. @throws {LascauxError} naming the file when it cannot be written */
export async function appendMetrics(path: string, row: MetricsRow): Promise<void> {
  try {
    await appendFile(path, `${JSON.stringify(row)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: `cannot be written: ${reason}`, cause });
  }
}

/** The rows of a file; a last line cut short by a crash is left out. */
export async function readMetrics(path: string): Promise<readonly MetricsRow[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as MetricsRow];
    } catch {
      return [];
    }
  });
}

/** Drops the rows beyond the checkpoint that a run goes on from, which it will write again. */
export async function rewindMetrics(path: string, imagesSeen: number): Promise<void> {
  const rows = (await readMetrics(path)).filter((row) => row.imagesSeen <= imagesSeen);
  await writeFileAtomically(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
