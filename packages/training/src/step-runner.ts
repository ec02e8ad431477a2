import { check } from '@lascaux/nn';
import type { DeviceTensors, Engine, Executable } from '@lascaux/nn';
import type { Position, TrainingBatch } from './batches.js';
import { checkBatch } from './batches.js';
import type { DeviceState } from './device-state.js';
import { disposeAll } from './device-state.js';
import { emaDecayAt } from './ema.js';
import type { StepReport } from './metrics-log.js';
import type { TrainingStep } from './training-step.js';

/** A step that was run: where the run stands now, and what it reports once that has come from the device. */
export interface StepDone {
  readonly position: Position;
  readonly report: Promise<StepReport>;
}

/** What `stepRunner` needs. */
export interface StepRunnerOptions {
  readonly engine: Engine;
  readonly executable: Executable;
  readonly step: TrainingStep;
  readonly state: DeviceState;
  readonly learningRate: (imagesSeen: number) => number;
  /** Default 0.999. */
  readonly emaDecay?: number;
}

/** Runs single steps on a state that stays on the device. */
export function stepRunner({ engine, executable, step, state, learningRate, emaDecay = 0.999 }: StepRunnerOptions): {
  run(batch: TrainingBatch, from: Position): Promise<StepDone>;
} {
  const reported = ['loss', 'gradient_norm', ...step.metrics.map((name) => `metric/${name}`)];

  function upload(batch: TrainingBatch, scalars: Readonly<Record<string, number>>): DeviceTensors {
    const arrays = Object.entries(step.batch).map(
      ([name, { shape }]) =>
        [name, engine.upload(batch.inputs[name] as Float32Array, shape as readonly number[])] as const,
    );
    const numbers = Object.entries(scalars).map(
      ([name, value]) => [name, engine.upload(Float32Array.of(value), [])] as const,
    );
    return Object.fromEntries([...arrays, ...numbers]);
  }

  async function read(outputs: DeviceTensors): Promise<ReadonlyMap<string, number>> {
    const values = await Promise.all(
      reported.map(async (name) => {
        const value = Number((await outputs[name]?.read())?.[0]);
        outputs[name]?.dispose();
        return [name, value] as const;
      }),
    );
    return new Map(values);
  }

  return {
    run: async (batch, from) => {
      checkBatch(step, batch);
      const position = { imagesSeen: from.imagesSeen + batch.images, step: from.step + 1 };
      const rate = learningRate(position.imagesSeen);
      check(Number.isFinite(rate), { operation: 'learningRate', rule: 'must be a finite number', value: rate });
      const ema: Record<string, number> = step.hasEma ? { ema_decay: emaDecayAt(emaDecay, from.step) } : {};
      const given = upload(batch, { learning_rate: rate, ...ema, ...step.optimizer.scalars(position.step) });
      const outputs = await executable.run({ ...state.inputs, ...given }, state.recycle());
      disposeAll(given);
      state.advance(outputs);
      const report = read(outputs).then((values) => ({
        ...position,
        loss: values.get('loss') as number,
        gradientNorm: values.get('gradient_norm') as number,
        metrics: Object.fromEntries(step.metrics.map((name) => [name, values.get(`metric/${name}`) as number])),
        learningRate: rate,
      }));
      // It is awaited after the next step has begun; until then a failure must not count as unhandled.
      report.catch(() => undefined);
      return { position, report };
    },
  };
}
