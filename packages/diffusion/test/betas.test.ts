import {
  alphaBars,
  betas,
  betasFromAlphas,
  betaScheduleNames,
  cumulativeAlphas,
  zeroTerminalAlphas,
} from '@lascaux/diffusion/schedule';
import { describe, expect, it } from 'vitest';

const five = (schedule: (typeof betaScheduleNames)[number]) => [
  ...betas({ schedule, count: 5, start: 0.01, end: 0.09 }),
];

describe('betas', () => {
  it('linear is equally spaced', () => {
    five('linear').forEach((beta, i) => expect(beta).toBeCloseTo(0.01 + 0.02 * i, 14));
  });

  it('scaled_linear is equally spaced in the root', () => {
    five('scaled_linear').forEach((beta, i) => expect(Math.sqrt(beta)).toBeCloseTo(0.1 + 0.05 * i, 14));
  });

  it('sigmoid is symmetric about the middle of the range', () => {
    const values = five('sigmoid');
    expect(values[2]).toBeCloseTo(0.05, 14);
    expect(values[0]! + values[4]!).toBeCloseTo(0.1, 14);
  });

  it('cosine follows its curve and never exceeds 0.999', () => {
    const curve = (t: number) => Math.cos(((t + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    const bars = cumulativeAlphas(five('squaredcos_cap_v2'));
    expect(bars[2]).toBeCloseTo(curve(0.6) / curve(0), 12);
    expect(five('squaredcos_cap_v2')[4]).toBe(0.999);
  });

  it.each(betaScheduleNames)('%s lies in (0, 1) and comes back from its cumulative product', (schedule) => {
    const values = betas({ schedule, count: 50, start: 0.001, end: 0.2 });
    const back = betasFromAlphas(cumulativeAlphas(values));
    values.forEach((beta, i) => {
      expect(beta).toBeGreaterThan(0);
      expect(beta).toBeLessThan(1);
      expect(back[i]).toBeCloseTo(beta, 12);
    });
  });

  it('a single timestep takes the start', () => {
    expect([...betas({ schedule: 'linear', count: 1, start: 0.3, end: 0.9 })]).toEqual([0.3]);
  });
});

describe('zero terminal signal-to-noise', () => {
  it('ends at exactly 0, keeps the first level, stays falling', () => {
    const before = cumulativeAlphas(betas({ schedule: 'scaled_linear', count: 1000, start: 0.00085, end: 0.012 }));
    const after = zeroTerminalAlphas(before);
    expect(after[999]).toBe(0);
    expect(after[0]).toBeCloseTo(before[0]!, 14);
    expect(after.every((value, i) => i === 0 || value < after[i - 1]!)).toBe(true);
  });
});

describe('alphaBars', () => {
  it('prefers trained betas', () => {
    const config = { num_train_timesteps: 2, beta_start: 0.1, beta_end: 0.2, beta_schedule: 'linear' } as const;
    const bars = alphaBars({ ...config, trained_betas: [0.5, 0.5] });
    expect([...bars]).toEqual([0.5, 0.25]);
  });
});
