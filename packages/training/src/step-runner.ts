import { check } from '@lascaux/nn';
import type { Position, TrainingBatch } from './batches.js';
import { checkBatch } from './batches.js';
import { emaDecayAt } from './ema.js';
import type { StepReport } from './metrics-log.js';
import type { StepProgram } from './step-program.js';
import type { TrainingStep } from './training-step.js';

/** A step that was run: where the run stands now, and what it reports once that has come from the device. */
export interface StepDone {
  readonly position: Position;
  readonly report: Promise<StepReport>;
}

/** What `stepRunner` needs. */
export interface StepRunnerOptions {
  readonly step: TrainingStep;
  readonly program: StepProgram;
  readonly learningRate: (imagesSeen: number) => number;
  /** Default 0.999. */
  readonly emaDecay?: number;
}

/** Runs single steps at their learning rate. */
export function stepRunner({ step, program, learningRate, emaDecay = 0.999 }: StepRunnerOptions): {
  run(batch: TrainingBatch, from: Position): Promise<StepDone>;
} {
  return {
    run: async (batch, from) => {
      checkBatch(step, batch);
      const position = { imagesSeen: from.imagesSeen + batch.images, step: from.step + 1 };
      const rate = learningRate(position.imagesSeen);
      check(Number.isFinite(rate), { operation: 'learningRate', rule: 'must be a finite number', value: rate });
      const ema: Record<string, number> = step.hasEma ? { ema_decay: emaDecayAt(emaDecay, from.step) } : {};
      const scalars = { learning_rate: rate, ...ema, ...step.optimizer.scalars(position.step) };
      const result = await program.run(batch, scalars);
      const numbers = 'later' in result ? result.later : Promise.resolve(result);
      const report = numbers.then((values) => ({ ...position, ...values, learningRate: rate }));
      // It is awaited after the next step has begun; until then a failure must not count as unhandled.
      report.catch(() => undefined);
      return { position, report };
    },
  };
}
