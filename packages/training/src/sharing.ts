import { availableParallelism } from 'node:os';
import { sizeOf } from '@lascaux/nn';
import type { TensorData } from '@lascaux/nn';
import type { TrainingBatch } from './batches.js';
import type { HostState } from './device-state.js';
import { replicatedProgram } from './replicated-run.js';
import type { Sharing } from './split-step.js';
import type { StepProgram } from './step-program.js';
import { wholeProgram } from './step-program.js';
import type { ReplicaTrial, TrainOptions } from './train-options.js';
import type { TrainingStep } from './training-step.js';

/** Shorter runs than this many steps are over before a trial has paid. */
const FEWEST_STEPS = 200;
/** Steps that are timed, after one that warms up. */
const TIMED = 2;

/** Makes a step ready to run as its batch is shared. */
export const programFor = (
  { engine, step }: Pick<TrainOptions, 'engine' | 'step'>,
  first: HostState,
  sharing: Sharing,
): Promise<StepProgram> =>
  sharing.replicas * sharing.accumulation === 1
    ? wholeProgram(engine, step, first)
    : replicatedProgram({ engine, step, first, sharing });

/** A batch of zeros: what is timed does not depend on the numbers. */
function emptyBatch(step: TrainingStep): TrainingBatch {
  const arrays = { float32: Float32Array, float16: Uint16Array, int32: Int32Array, int64: BigInt64Array };
  const inputs = Object.entries(step.batch).map(
    ([name, { shape, dtype = 'float32' }]) => [name, new arrays[dtype](sizeOf(shape)) as TensorData] as const,
  );
  return { inputs: Object.fromEntries(inputs), images: 1 };
}

async function secondsPerStep(options: TrainOptions, first: HostState, sharing: Sharing): Promise<number> {
  const { step } = options;
  const program = await programFor(options, first, sharing);
  const batch = emptyBatch(step);
  const scalars = { learning_rate: 0, ema_decay: 0, ...step.optimizer.scalars(1) };
  const run = async (): Promise<void> => {
    const result = await program.run(batch, scalars);
    if ('later' in result) await result.later;
  };
  try {
    await run();
    const start = performance.now();
    for (let i = 0; i < TIMED; i++) await run();
    return (performance.now() - start) / 1000 / TIMED;
  } finally {
    await program.dispose();
  }
}

/** Numbers of replicas worth a trial: one, and as many as there are cores, as far as they divide the batch. */
function candidates({ engine, step }: TrainOptions, accumulation: number): readonly number[] {
  const cores = engine.openReplica === undefined ? 1 : availableParallelism();
  const batch = Number(Object.values(step.batch)[0]?.shape[0] ?? 1) / accumulation;
  const isShared = Object.values(step.batch).every(({ shape }) => shape[0] === batch * accumulation);
  const most = Array.from({ length: cores }, (_, i) => cores - i).find((count) => batch % count === 0) ?? 1;
  return isShared && most > 1 ? [1, most] : [1];
}

/**
 * How a new run shares its batches: as asked, or where nothing was asked, as a short trial finds fastest.
 * @returns the choice, and what was tried
 */
export async function chooseSharing(
  options: TrainOptions,
  first: HostState,
): Promise<{ readonly sharing: Sharing; readonly trials: readonly ReplicaTrial[] }> {
  const { replicas = 1, accumulation = 1, totalImages, step } = options;
  if (replicas !== 'measured') return { sharing: { replicas, accumulation }, trials: [] };
  const batch = Number(Object.values(step.batch)[0]?.shape[0] ?? 1);
  const tried = totalImages < FEWEST_STEPS * batch ? [1] : candidates(options, accumulation);
  if (tried.length === 1) return { sharing: { replicas: 1, accumulation }, trials: [] };
  const trials: ReplicaTrial[] = [];
  for (const count of tried)
    trials.push({
      replicas: count,
      secondsPerStep: await secondsPerStep(options, first, { replicas: count, accumulation }),
    });
  const best = trials.reduce((fastest, trial) => (trial.secondsPerStep < fastest.secondsPerStep ? trial : fastest));
  return { sharing: { replicas: best.replicas, accumulation }, trials };
}
