import type { Position } from './batches.js';
import type { DeviceState } from './device-state.js';
import type { RunFolder } from './run-folder.js';
import type { StartingPoint } from './starting-point.js';
import type { TrainOptions, TrainingView } from './train-options.js';

/** A run under way: what was asked for, and where it lives. */
export interface TrainingRun extends TrainOptions {
  readonly folder: RunFolder;
  readonly state: DeviceState;
  readonly start: StartingPoint;
}

/** What hooks get to see. */
export const viewOf = ({ engine, state, folder }: TrainingRun, { imagesSeen, step }: Position): TrainingView => ({
  imagesSeen,
  step,
  engine,
  weights: state.weights(),
  folder,
});
