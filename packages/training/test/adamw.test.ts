import { ops } from '@lascaux/nn';
import { adamw, traceTrainingStep } from '@lascaux/training';
import type { TrainingStep } from '@lascaux/training';
import { describe, expect, it } from 'vitest';
import { runProgram, scalarInputs } from './run-program.js';

/** loss = Σ slope·weight + Σ 2·bias: the gradients are `slope` and 2. */
function linearStep(
  options: { weightDecay?: number; clip?: number; ema?: boolean; frozen?: (name: string) => boolean } = {},
): TrainingStep {
  const { weightDecay = 0, ...rest } = options;
  return traceTrainingStep({
    inputs: { slope: { shape: [1, 2] } },
    optimizer: adamw({ betas: [0.9, 0.99], epsilon: 1e-8, weightDecay }),
    ...rest,
    loss: (scope, { slope }) => {
      const weight = scope.parameter('weight', [1, 2], { kind: 'ones' });
      const bias = scope.parameter('bias', [1], { kind: 'ones' });
      return { loss: ops.add(ops.sum(ops.mul(slope, weight)), ops.reshape(ops.mul(bias, 2), [1, 1])) };
    },
  });
}

const state = { 'param/weight': [1, -2], 'param/bias': [0.5], 'ema/weight': [0, 0], 'ema/bias': [0] };

describe('adamw', () => {
  it('moves each element by the learning rate in the first step, against the sign of its gradient', async () => {
    const step = linearStep();
    const outputs = await runProgram(step.program, {
      ...state,
      slope: [3, -0.01],
      ...scalarInputs({ learning_rate: 0.1, ema_decay: 0.9, ...step.optimizer.scalars(1) }),
    });
    expect(outputs['next/param/weight']?.[0]).toBeCloseTo(0.9, 6);
    expect(outputs['next/param/weight']?.[1]).toBeCloseTo(-1.9, 6);
    expect(outputs['next/param/bias']?.[0]).toBeCloseTo(0.4, 6);
  });

  it('follows the textbook recurrence over ten steps with changing gradients', async () => {
    const step = linearStep({ weightDecay: 0.1 });
    let inputs: Record<string, readonly number[]> = { ...state };
    let [theta, m, v] = [1, 0, 0];
    for (let t = 1; t <= 10; t++) {
      const g = Math.sin(t);
      const outputs = await runProgram(step.program, {
        ...inputs,
        slope: [g, 1],
        ...scalarInputs({ learning_rate: 0.05, ema_decay: 0.9, ...step.optimizer.scalars(t) }),
      });
      inputs = Object.fromEntries(step.state.map(({ name }) => [name, outputs[`next/${name}`] ?? []]));
      m = 0.9 * m + 0.1 * g;
      v = 0.99 * v + 0.01 * g * g;
      theta = theta * (1 - 0.05 * 0.1) - (0.05 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.99 ** t)) + 1e-8);
      expect(inputs['param/weight']?.[0]).toBeCloseTo(theta, 5);
    }
  });

  it('lets matrices decay and leaves biases alone', async () => {
    const step = linearStep({ weightDecay: 0.5 });
    const outputs = await runProgram(step.program, {
      ...state,
      slope: [0, 0],
      ...scalarInputs({ learning_rate: 0.1, ema_decay: 0.9, ...step.optimizer.scalars(1) }),
    });
    expect(outputs['next/param/weight']?.[0]).toBeCloseTo(1 * (1 - 0.05), 6);
    expect(outputs['next/param/bias']?.[0]).toBeCloseTo(0.5 - 0.1, 6);
  });

  it('refuses settings that cannot work', () => {
    expect(() => adamw({ betas: [0.9, 1] })).toThrow('adamw: both betas must lie in [0, 1), got 1');
    expect(() => adamw({ epsilon: 0 })).toThrow('epsilon must be above 0');
    expect(() => adamw({ weightDecay: -1 })).toThrow('weightDecay must not be negative');
  });
});

describe('traceTrainingStep', () => {
  const scalars = (step: TrainingStep) =>
    scalarInputs({ learning_rate: 0.1, ema_decay: 0.75, ...step.optimizer.scalars(1) });

  it('reports the norm of all gradients and clips by it', async () => {
    const step = linearStep({ clip: 1.5 });
    const outputs = await runProgram(step.program, { ...state, slope: [1, 2], ...scalars(step) });
    // √(1² + 2² + 2²) = 3, twice the allowed norm.
    expect(outputs.gradient_norm?.[0]).toBeCloseTo(3, 6);
    expect(outputs['next/m/weight']?.[1]).toBeCloseTo(0.1 * 2 * 0.5, 6);
    expect(outputs['next/v/weight']?.[1]).toBeCloseTo(0.01 * (2 * 0.5) ** 2, 7);
  });

  it('leaves small gradients as they are', async () => {
    const step = linearStep({ clip: 100 });
    const outputs = await runProgram(step.program, { ...state, slope: [1, 2], ...scalars(step) });
    expect(outputs['next/m/weight']?.[1]).toBeCloseTo(0.2, 6);
  });

  it('shows a gradient that is not finite, whatever the clipping does', async () => {
    const step = linearStep({ clip: 1 });
    const broken = await runProgram(step.program, { ...state, slope: [NaN, 0], ...scalars(step) });
    expect(broken.gradient_norm?.[0]).toBeNaN();
    const huge = await runProgram(step.program, { ...state, slope: [3e38, 0], ...scalars(step) });
    expect(huge.gradient_norm?.[0]).toBe(Infinity);
  });

  it('averages the new parameters', async () => {
    const step = linearStep();
    const outputs = await runProgram(step.program, { ...state, 'ema/weight': [2, 2], slope: [1, 1], ...scalars(step) });
    expect(outputs['next/ema/weight']?.[0]).toBeCloseTo(0.75 * 2 + 0.25 * 0.9, 6);
  });

  it('keeps frozen parameters out of state and gradients', async () => {
    const step = linearStep({ frozen: (name) => name === 'bias', ema: false });
    expect(step.state.map(({ name }) => name)).toEqual(['param/weight', 'm/weight', 'v/weight']);
    expect(step.frozen.map(({ name }) => name)).toEqual(['bias']);
    const outputs = await runProgram(step.program, { ...state, slope: [3, 4], ...scalars(step) });
    expect(outputs.gradient_norm?.[0]).toBeCloseTo(5, 6);
  });

  it('refuses a loss without parameters to train', () => {
    expect(() => linearStep({ frozen: () => true })).toThrow('at least one parameter that is not frozen');
    expect(() => linearStep({ clip: 0 })).toThrow('clip must be above 0, got 0');
  });
});

describe('joined parameters', () => {
  it('moves many small parameters exactly as each alone, and keeps the order of the state', async () => {
    const names = ['b', 'a', 'c'];
    const step = (group: boolean) => {
      const together = adamw({ weightDecay: 0.1 });
      const alone = { ...together, group: () => undefined };
      return traceTrainingStep({
        inputs: {},
        optimizer: group ? together : alone,
        clip: 0.5,
        loss: (scope) => {
          const parts = names.map((name, i) =>
            ops.reshape(ops.sum(ops.mul(scope.parameter(name, [2 * (i + 1)], { kind: 'ones' }), i + 1)), [1]),
          );
          return { loss: ops.sum(ops.square(ops.concat(parts, 0))) };
        },
      });
    };
    const state = Object.fromEntries(
      ['param', 'm', 'v', 'ema'].flatMap((prefix, p) =>
        names.map((name, i) => [
          `${prefix}/${name}`,
          Array.from({ length: 2 * (i + 1) }, (_, k) => (p + i + k + 1) / 9),
        ]),
      ),
    );
    const [joint, single] = [step(true), step(false)];
    expect(joint.state).toEqual(single.state);
    expect(joint.program.operations.length).toBeLessThan(single.program.operations.length);
    const scalars = scalarInputs({ learning_rate: 0.1, ema_decay: 0.9, ...joint.optimizer.scalars(2) });
    const [together, apart] = await Promise.all(
      [joint, single].map(({ program }) => runProgram(program, { ...state, ...scalars })),
    );
    for (const [name, values] of Object.entries(apart!))
      values.forEach((value, i) => expect(together![name]![i]).toBeCloseTo(value, 6));
  });
});
