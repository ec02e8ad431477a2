import { check, writeFileAtomically } from '@lascaux/nn';
import type { Position } from './batches.js';
import { batchQueue } from './batches.js';
import type { RunFolder } from './run-folder.js';
import { lockRunFolder, openRunFolder } from './run-folder.js';
import { runRecorder } from './run-recorder.js';
import { chooseSharing, programFor } from './sharing.js';
import type { Sharing } from './split-step.js';
import { startingPoint } from './starting-point.js';
import type { StartingPoint } from './starting-point.js';
import { checkStepMemory } from './step-memory.js';
import { stepRunner } from './step-runner.js';
import type { TrainOptions, TrainingResult } from './train-options.js';
import { untilAborted } from './until-aborted.js';

/**
 * Trains: runs the step on batch after batch and keeps the record of it in the run folder (`options.json`, `metrics.jsonl`, `loss.svg`,
 * `checkpoints/`, `samples/`). A run that was killed and resumed ends with the same weights as one that never stopped.
 * @throws {LascauxError} when the loss or a gradient is not finite (the last good checkpoint stays), when the folder holds another run
 *   or one is under way there, when a batch does not fit the step, and when a step does not fit into memory
 */
export async function train(options: TrainOptions): Promise<TrainingResult> {
  const { totalImages } = options;
  check(Number.isFinite(totalImages) && totalImages > 0, {
    operation: 'train',
    rule: 'totalImages must be above 0',
    value: totalImages,
    kind: 'usage',
  });
  for (const name of ['replicas', 'accumulation'] as const) {
    const value = options[name] ?? 1;
    if (value === 'measured') continue;
    const rule = `${name} must be a whole number of at least 1`;
    check(Number.isInteger(value) && value >= 1, { operation: 'train', rule, value, kind: 'usage' });
  }
  checkStepMemory(options.step, options);
  const folder = await openRunFolder(options.directory);
  const lock = await lockRunFolder(folder);
  try {
    return await trainIn(folder, options);
  } finally {
    await lock.release();
  }
}

/** Trains in a folder that is nobody else's. */
async function trainIn(folder: RunFolder, options: TrainOptions): Promise<TrainingResult> {
  const start = await startingPoint(options, folder);
  const { sharing, trials } =
    start.sharing === undefined ? await chooseSharing(options, start.state) : { sharing: start.sharing, trials: [] };
  options.onSharing?.(sharing, trials);
  await writeOptions(folder, options, sharing);
  const program = await programFor(options, start.state, sharing);
  try {
    const runner = stepRunner({ ...options, program });
    const recorder = await runRecorder({ ...options, folder, program, sharing, start });
    return await run({ options, start, runner, recorder, folder });
  } finally {
    await program.dispose();
  }
}

interface Parts {
  readonly options: TrainOptions;
  readonly start: StartingPoint;
  readonly runner: ReturnType<typeof stepRunner>;
  readonly recorder: Awaited<ReturnType<typeof runRecorder>>;
  readonly folder: RunFolder;
}

/** The loop itself. */
async function run({ options, start, runner, recorder, folder }: Parts): Promise<TrainingResult> {
  const { signal, totalImages } = options;
  const queue = batchQueue({ ...options, from: start });
  let position: Position = { imagesSeen: start.imagesSeen, step: start.step };
  try {
    while (position.imagesSeen < totalImages && signal?.aborted !== true) {
      const waitingSince = performance.now();
      const batch = await untilAborted(queue.next(), signal).catch((error: unknown) =>
        saveAndThrow(error, position.step > start.step ? () => recorder.finish(position) : undefined),
      );
      if (batch === undefined) break;
      const waited = (performance.now() - waitingSince) / 1000;
      const result = await runner.run(batch, position);
      position = result.position;
      await recorder.record({ ...result, waited, images: batch.images });
    }
  } finally {
    queue.close();
  }
  const reason = position.imagesSeen >= totalImages ? 'finished' : 'aborted';
  return { ...position, reason, folder, checkpoint: await recorder.finish(position) };
}

/** A broken picture must not cost the steps that were done before it. */
async function saveAndThrow(error: unknown, save: (() => Promise<string>) | undefined): Promise<never> {
  await save?.();
  throw error;
}

async function writeOptions(
  folder: RunFolder,
  { seed, totalImages, step, engine, emaDecay, config }: TrainOptions,
  sharing: Sharing,
): Promise<void> {
  const resolved = {
    seed,
    totalImages,
    optimizer: step.optimizer.name,
    emaDecay,
    engine: engine.name,
    device: engine.device,
    ...sharing,
    config,
  };
  await writeFileAtomically(folder.options, `${JSON.stringify(resolved, null, 2)}\n`);
}
