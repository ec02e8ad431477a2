import { check } from '@lascaux/nn';
import type { Position } from './batches.js';
import { writeCheckpoint } from './checkpoint.js';
import { point, pointed, pruneCheckpoints } from './checkpoint-pointers.js';
import type { StepReport } from './metrics-log.js';
import { viewOf } from './training-run.js';
import type { TrainingRun } from './training-run.js';

/** Saves checkpoints of a run, and keeps the last few and the best. */
export interface CheckpointKeeper {
  /** The newest good checkpoint. */
  readonly lastSaved: string | undefined;
  add(report: StepReport): void;
  minutesSince(): number;
  save(position: Position): Promise<void>;
}

/** Makes the keeper of one run. @throws {LascauxError} when `keepLast` is below 1 */
export async function checkpointKeeper(options: TrainingRun): Promise<CheckpointKeeper> {
  const { step, folder, program, seed, start, sharing, score, keepLast = 2, config = null } = options;
  check(Number.isInteger(keepLast) && keepLast >= 1, {
    operation: 'train',
    rule: 'keepLast must be a whole number of at least 1',
    value: keepLast,
    kind: 'usage',
  });
  let lastSaved = start.path;
  let savedAt = start.path === undefined ? -1 : start.imagesSeen;
  let best = (await pointed(folder, 'best'))?.score ?? Infinity;
  let since = { time: performance.now(), loss: 0, steps: 0 };

  async function judge(position: Position): Promise<void> {
    const value = score === undefined ? since.loss / since.steps : await score(await viewOf(options, position));
    if (!(value < best)) return;
    best = value;
    await point(folder, 'best', { ...position, score: value });
  }

  return {
    get lastSaved() {
      return lastSaved;
    },
    add: ({ loss }) => {
      since.loss += loss;
      since.steps += 1;
    },
    minutesSince: () => (performance.now() - since.time) / 60_000,
    save: async ({ imagesSeen, step: steps }) => {
      if (savedAt === imagesSeen) return;
      const position = { imagesSeen, step: steps };
      lastSaved = await writeCheckpoint({
        folder,
        step,
        state: await program.read(),
        facts: { ...position, seed, ...sharing, optimizer: step.optimizer.name, config },
      });
      savedAt = imagesSeen;
      await judge(position);
      await pruneCheckpoints(folder, keepLast);
      since = { time: performance.now(), loss: 0, steps: 0 };
    },
  };
}
