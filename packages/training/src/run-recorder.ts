import { LascauxError, writeFileAtomically } from '@lascaux/nn';
import type { Position } from './batches.js';
import { checkpointKeeper } from './checkpoint-keeper.js';
import { flopsOf } from './flops.js';
import { lossCurve } from './loss-curve.js';
import type { StepReport } from './metrics-log.js';
import { appendMetrics, metricsWindow, readMetrics } from './metrics-log.js';
import type { RunFolder } from './run-folder.js';
import { speedometer } from './speedometer.js';
import type { StepDone } from './step-runner.js';
import { viewOf } from './training-run.js';
import type { TrainingRun } from './training-run.js';

/** Writes the record of a run. */
export interface RunRecorder {
  /** Takes note of a step; logs, samples and saves when it is time. @throws {LascauxError} when a loss or gradient is not finite */
  record(done: StepDone & { readonly waited: number; readonly images: number }): Promise<void>;
  /** Writes what is left and a last checkpoint; returns its path. */
  finish(position: Position): Promise<string>;
}

/** Makes the recorder of one run. */
export async function runRecorder(options: TrainingRun): Promise<RunRecorder> {
  const { totalImages, checkpointEvery = { minutes: 10 }, onProgress } = options;
  const logEvery = options.logEvery ?? Math.max(1, Math.floor(totalImages / 1000));
  const sampleEvery = options.sampleEvery ?? Math.max(1, Math.floor(totalImages / 20));
  const metrics = metricsWriter(options);
  const keeper = await checkpointKeeper(options);
  const speed = speedometer(options.start.imagesSeen);
  let pending: Promise<StepReport> | undefined;
  let lastLoss = NaN;
  let lastPosition: Position = options.start;
  let sampledAt = options.start.imagesSeen;

  /** Waits for the latest report: while a step runs, the numbers of the one before it travel. */
  async function settle(): Promise<void> {
    if (pending === undefined) return;
    const report = await pending;
    pending = undefined;
    assertFinite(report, keeper.lastSaved);
    lastLoss = report.loss;
    metrics.add(report);
    keeper.add(report);
  }

  async function sample(position: Position): Promise<void> {
    await settle();
    sampledAt = position.imagesSeen;
    try {
      await metrics.apart(async () => options.onSample?.(await viewOf(options, position)));
    } catch (error) {
      // A sample that cannot be painted or written must not cost the steps that were done before it.
      await save(position).catch(() => undefined);
      throw error;
    }
  }

  async function save(position: Position): Promise<void> {
    await settle();
    await metrics.flush();
    await metrics.apart(async () => {
      await keeper.save(position);
      await drawCurve(options.folder);
    });
  }

  return {
    record: async ({ position, report, waited, images }) => {
      const due = (every = Infinity): boolean =>
        Math.floor(position.imagesSeen / every) > Math.floor(lastPosition.imagesSeen / every);
      await settle();
      pending = report;
      metrics.spend(waited, images);
      if (due(logEvery)) {
        await settle();
        await metrics.flush();
      }
      if (due(sampleEvery)) await sample(position);
      if (due(checkpointEvery.images) || keeper.minutesSince() >= (checkpointEvery.minutes ?? Infinity))
        await save(position);
      lastPosition = position;
      const imagesPerSecond = speed(position.imagesSeen);
      onProgress?.({
        ...position,
        totalImages,
        loss: lastLoss,
        imagesPerSecond,
        secondsLeft: Math.max(0, totalImages - position.imagesSeen) / imagesPerSecond,
      });
    },
    finish: async (position) => {
      if (position.imagesSeen >= totalImages && sampledAt < position.imagesSeen) await sample(position);
      await save(position);
      return keeper.lastSaved!;
    },
  };
}

/** Rows of `metrics.jsonl`. */
function metricsWriter({ step, folder, limit }: TrainingRun): {
  add(report: StepReport): void;
  spend(waited: number, images: number): void;
  /** Does something whose time does not count as training. */
  apart(work: () => Promise<void>): Promise<void>;
  flush(): Promise<void>;
} {
  const flopsPerStep = flopsOf(step.program);
  const window = metricsWindow();
  let times = { since: performance.now(), waited: 0, images: 0 };
  return {
    add: (report) => window.add(report),
    spend: (waited, images) => {
      times.waited += waited;
      times.images += images;
    },
    apart: async (work) => {
      const start = performance.now();
      await work();
      times.since += performance.now() - start;
    },
    flush: async () => {
      const seconds = (performance.now() - times.since) / 1000;
      const row = window.close({ ...times, seconds, flopsPerStep, limit });
      times = { since: performance.now(), waited: 0, images: 0 };
      if (row !== undefined) await appendMetrics(folder.metrics, row);
    },
  };
}

async function drawCurve(folder: RunFolder): Promise<void> {
  await writeFileAtomically(folder.curve, lossCurve(await readMetrics(folder.metrics)));
}

function assertFinite({ loss, gradientNorm, imagesSeen, step }: StepReport, saved: string | undefined): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const kept = saved === undefined ? 'no checkpoint was written yet' : `the last good checkpoint is ${saved}`;
  throw new LascauxError({
    operation: 'train',
    rule: `loss and gradients must stay finite; stopped at ${imagesSeen} images (step ${step}), ${kept}`,
    value: `loss ${loss}, gradient norm ${gradientNorm}`,
  });
}
