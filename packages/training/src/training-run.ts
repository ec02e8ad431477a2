import type { Position } from './batches.js';
import type { RunFolder } from './run-folder.js';
import type { StartingPoint } from './starting-point.js';
import type { Sharing } from './split-step.js';
import type { StepProgram } from './step-program.js';
import type { TrainOptions, TrainingView } from './train-options.js';

/** A run under way: what was asked for, and where it lives. */
export interface TrainingRun extends TrainOptions {
  readonly folder: RunFolder;
  readonly program: StepProgram;
  readonly sharing: Sharing;
  readonly start: StartingPoint;
}

/** What hooks get to see. */
export const viewOf = async (
  { engine, program, folder }: TrainingRun,
  { imagesSeen, step }: Position,
): Promise<TrainingView> => ({
  imagesSeen,
  step,
  engine,
  weights: await program.weights(),
  folder,
});
