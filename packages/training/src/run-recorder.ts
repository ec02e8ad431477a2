import type { DeviceTensors, Engine } from '@lascaux/nn';
import { LascauxError, check, writeFileAtomically } from '@lascaux/nn';
import type { Position } from './batches.js';
import { point, pointed, pruneCheckpoints, writeCheckpoint } from './checkpoint.js';
import type { DeviceState } from './device-state.js';
import { flopsOf } from './flops.js';
import { lossCurve } from './loss-curve.js';
import type { StepReport } from './metrics-log.js';
import { appendMetrics, metricsWindow, readMetrics } from './metrics-log.js';
import type { RunFolder } from './run-folder.js';
import type { StepDone } from './step-runner.js';
import type { TrainOptions } from './train.js';

/** The weights of a running training, lent to a hook for the time of its call. */
export interface TrainingView extends Position {
  readonly engine: Engine;
  /** By parameter name: the running average where there is one; on the device, not to be disposed. */
  readonly weights: DeviceTensors;
  readonly folder: RunFolder;
}

/** Judges weights; lower is better. */
export type ScoreFunction = (view: TrainingView) => Promise<number> | number;

/** Writes the record of a run. */
export interface RunRecorder {
  /** Takes note of a step; logs, samples and saves when it is time. @throws {LascauxError} when a loss or gradient is not finite */
  record(done: StepDone & { readonly waited: number; readonly images: number }): Promise<void>;
  /** Writes what is left and a last checkpoint; returns its path. */
  finish(position: Position, reason: 'finished' | 'aborted'): Promise<string>;
}

interface RecorderOptions extends TrainOptions {
  readonly folder: RunFolder;
  readonly state: DeviceState;
  readonly start: Position & { readonly path?: string };
}

/** Makes the recorder of one run. */
export async function runRecorder(options: RecorderOptions): Promise<RunRecorder> {
  const { engine, step, folder, state, start, seed, totalImages, limit } = options;
  const { checkpointEvery = { minutes: 10 }, keepLast = 2, score, onSample, onProgress } = options;
  check(keepLast >= 1, { operation: 'train', rule: 'keepLast must be at least 1', value: keepLast, kind: 'usage' });
  const logEvery = options.logEvery ?? Math.max(1, Math.floor(totalImages / 1000));
  const sampleEvery = options.sampleEvery ?? Math.max(1, Math.floor(totalImages / 20));
  const flopsPerStep = flopsOf(step.program);
  const window = metricsWindow();
  const speed = speedometer();
  let times = { since: performance.now(), waited: 0, images: 0 };
  let sinceCheckpoint = { time: performance.now(), loss: 0, steps: 0 };
  let pending: Promise<StepReport> | undefined;
  let lastLoss = NaN;
  let lastSaved = start.path;
  let savedAt = start.path === undefined ? -1 : start.imagesSeen;
  let bestScore = (await pointed(folder, 'best'))?.score ?? Infinity;
  let before: Position = start;

  /** Waits for the latest report. */
  async function settle(): Promise<void> {
    if (pending === undefined) return;
    const report = await pending;
    pending = undefined;
    assertFinite(report, lastSaved);
    lastLoss = report.loss;
    window.add(report);
    sinceCheckpoint.loss += report.loss;
    sinceCheckpoint.steps += 1;
  }

  async function log(): Promise<void> {
    await settle();
    const seconds = (performance.now() - times.since) / 1000;
    const row = window.close({ ...times, seconds, flopsPerStep, ...(limit === undefined ? {} : { limit }) });
    if (row === undefined) return;
    times = { since: performance.now(), waited: 0, images: 0 };
    await appendMetrics(folder.metrics, row);
  }

  const view = (position: Position): TrainingView => ({ ...position, engine, weights: state.weights(), folder });

  async function save(position: Position): Promise<void> {
    await log();
    if (savedAt === position.imagesSeen) return;
    lastSaved = await writeCheckpoint({ folder, step, state: await state.read(), facts: { ...position, seed, optimizer: step.optimizer.name, config: options.config ?? null } });
    savedAt = position.imagesSeen;
    const value = score === undefined ? sinceCheckpoint.loss / sinceCheckpoint.steps : await score(view(position));
    if (value < bestScore) {
      bestScore = value;
      await point(folder, 'best', { ...position, score: value });
    }
    sinceCheckpoint = { time: performance.now(), loss: 0, steps: 0 };
    await pruneCheckpoints(folder, keepLast);
    await drawCurve(folder);
  }

  async function sample(position: Position): Promise<void> {
    await settle();
    await onSample?.(view(position));
  }

  function report(position: Position): void {
    const imagesPerSecond = speed(position.imagesSeen);
    const left = Math.max(0, totalImages - position.imagesSeen);
    onProgress?.({ ...position, totalImages, loss: lastLoss, imagesPerSecond, secondsLeft: left / imagesPerSecond });
  }

  return {
    record: async (done) => {
      const { position } = done;
      const due = (every: number | undefined): boolean => every !== undefined && Math.floor(position.imagesSeen / every) > Math.floor(before.imagesSeen / every);
      await settle();
      pending = done.report;
      times.waited += done.waited;
      times.images += done.images;
      if (due(logEvery)) await log();
      if (due(sampleEvery)) await sample(position);
      const minutes = (performance.now() - sinceCheckpoint.time) / 60_000;
      if (due(checkpointEvery.images) || minutes >= (checkpointEvery.minutes ?? Infinity)) await save(position);
      before = position;
      report(position);
    },
    finish: async (position) => {
      await save(position);
      await drawCurve(folder);
      return lastSaved as string;
    },
  };
}

async function drawCurve(folder: RunFolder): Promise<void> {
  await writeFileAtomically(folder.curve, lossCurve(await readMetrics(folder.metrics)));
}

function assertFinite({ loss, gradientNorm, imagesSeen, step }: StepReport, saved: string | undefined): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const kept = saved === undefined ? 'no checkpoint was written yet' : `the last good checkpoint is ${saved}`;
  throw new LascauxError({ operation: 'train', rule: `loss and gradients must stay finite; stopped at ${imagesSeen} images (step ${step}), ${kept}`, value: `loss ${loss}, gradient norm ${gradientNorm}` });
}

/** Images per second over about the last half minute. */
function speedometer(): (imagesSeen: number) => number {
  const marks: { readonly time: number; readonly imagesSeen: number }[] = [];
  return (imagesSeen) => {
    const now = { time: performance.now(), imagesSeen };
    marks.push(now);
    while (marks.length > 2 && now.time - (marks[1]?.time ?? 0) > 30_000) marks.shift();
    const first = marks[0] ?? now;
    return (1000 * (imagesSeen - first.imagesSeen)) / (now.time - first.time);
  };
}
