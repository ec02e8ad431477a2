import type { TrainOptions } from '@lascaux/training';
import type { TrainJob } from './train-flags.js';

/**
 * How a training shares its batches: measured unless a number is given; what a trial found is noted. The text encoder compares all captions
 * of a batch with each other, so its batches cannot be shared.
 */
export function sharingOf(
  { part, terminal }: TrainJob,
  replicas: number | undefined,
): Pick<TrainOptions, 'replicas' | 'onSharing'> {
  if (part === 'text-encoder') return {};
  return {
    replicas: replicas ?? 'measured',
    onSharing: (chosen, trials) => {
      if (trials.length === 0) return;
      const times = trials
        .map((trial) => `${trial.replicas}: ${trial.secondsPerStep.toPrecision(3)} s a step`)
        .join(', ');
      terminal.note(`replicas: ${chosen.replicas} (tried ${times})`);
    },
  };
}
