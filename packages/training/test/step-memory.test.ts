import { ProgramBuilder, ops, sizeOf } from '@lascaux/nn';
import { checkStepMemory, peakBytes } from '@lascaux/training';
import { describe, expect, it } from 'vitest';
import { regressionStep } from './regression.js';

describe('peakBytes', () => {
  it('counts what is alive at one time', () => {
    const builder = new ProgramBuilder();
    const x = builder.input('x', { shape: [10] }); // 40 bytes, always there
    const chain = ops.exp(ops.exp(ops.exp(x))); // each lives until the next is made
    expect(peakBytes(builder.finish({ y: chain }))).toBe(40 + 40 + 40);
    const second = new ProgramBuilder();
    const a = second.input('a', { shape: [10] });
    const [first, later] = [ops.exp(a), ops.sqrt(a)];
    const y = ops.mul(first, ops.exp(later)); // the first waits for the others
    expect(peakBytes(second.finish({ y }))).toBe(40 + 3 * 40);
  });

  it('takes a reshaped value for the same memory', () => {
    const builder = new ProgramBuilder();
    const x = builder.input('x', { shape: [10] });
    const y = ops.exp(ops.reshape(ops.exp(x), [2, 5]));
    expect(peakBytes(builder.finish({ y }))).toBe(40 + 40 + 40);
  });
});

describe('checkStepMemory', () => {
  const step = regressionStep();
  const cpu = { name: 'onnx', device: 'cpu' } as const;

  it('names about the largest batch that fits', () => {
    const needed = peakBytes(step.program);
    expect(() => checkStepMemory(step, { engine: cpu, memory: 10 * needed })).not.toThrow();
    const state =
      2 * step.program.inputs.reduce((sum, { name, shape }) => sum + (name in step.batch ? 0 : 4 * sizeOf(shape)), 0);
    expect(() => checkStepMemory(step, { engine: cpu, memory: state + (2.3 * (needed - state)) / 2 })).toThrow(
      /^batchSize: a step needs about .* GiB, and there are .* GiB of memory, got 8 \(accepted: at most about 4\)$/,
    );
    expect(() => checkStepMemory(step, { engine: cpu, memory: 100 })).toThrow('(accepted: a smaller network or size)');
  });

  it('says nothing about devices whose memory it does not know', () => {
    expect(() => checkStepMemory(step, { engine: { name: 'onnx', device: 'cuda' }, memory: 1 })).not.toThrow();
  });
});
