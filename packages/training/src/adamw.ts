import { check, ops } from '@lascaux/nn';
import type { ParameterSpec, Value } from '@lascaux/nn';
import type { Optimizer, UpdateContext, Updated } from './optimizer.js';
import { decaysByDefault } from './parameter-rules.js';

const { add, div, mul, sqrt, sub } = ops;

/** Settings of `adamw`. */
export interface AdamWOptions {
  /** Decays β₁ of the mean of gradients and β₂ of the mean of their squares; default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** ε of the denominator; default 1e-8. */
  readonly epsilon?: number;
  /** λ: each step multiplies decaying parameters by 1 − η·λ; default 0.01. */
  readonly weightDecay?: number;
  /** Which parameters decay; default: those of rank 2 and more that are no embedding tables. */
  readonly decays?: (spec: ParameterSpec) => boolean;
}

/**
 * AdamW: Adam with decoupled weight decay (Kingma & Ba 2015, Algorithm 1; Loshchilov & Hutter 2019, Algorithm 2).
 *
 *     m ← β₁·m + (1 − β₁)·g      v ← β₂·v + (1 − β₂)·g²
 *     θ ← (1 − η·λ)·θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * The corrections are scalar inputs of the step: `first_correction` = 1 − β₁ᵗ, `second_correction` = √(1 − β₂ᵗ).
 * Why: docs/decisions/0044.
 * @throws {LascauxError} when a β is outside [0, 1), ε is not above 0, or λ is negative
 */
export function adamw({
  betas: [beta1, beta2] = [0.9, 0.999],
  epsilon = 1e-8,
  weightDecay = 0.01,
  decays = decaysByDefault,
}: AdamWOptions = {}): Optimizer {
  for (const beta of [beta1, beta2])
    check(beta >= 0 && beta < 1, {
      operation: 'adamw',
      rule: 'both betas must lie in [0, 1)',
      value: beta,
      kind: 'usage',
    });
  check(epsilon > 0, { operation: 'adamw', rule: 'epsilon must be above 0', value: epsilon, kind: 'usage' });
  check(weightDecay >= 0, {
    operation: 'adamw',
    rule: 'weightDecay must not be negative',
    value: weightDecay,
    kind: 'usage',
  });

  const isDecaying = (spec: ParameterSpec): boolean => weightDecay > 0 && decays(spec);

  function update({ spec, parameter, gradient: g, gradientScale, state, scalars }: UpdateContext): Updated {
    const {
      learning_rate: rate,
      first_correction: first,
      second_correction: second,
    } = scalars as Record<string, Value>;
    // The clipping factor joins the scalars 1 − β, so that it costs no pass over the gradient.
    const m = add(mul(state.m as Value, beta1), mul(g, scaled(1 - beta1, gradientScale)));
    const v = add(
      mul(state.v as Value, beta2),
      mul(mul(g, g), scaled(1 - beta2, gradientScale && mul(gradientScale, gradientScale))),
    );
    // m̂/(√v̂ + ε) = (c₂/c₁) · m/(√v + ε·c₂) with c₁ = 1 − β₁ᵗ and c₂ = √(1 − β₂ᵗ)
    const direction = div(m, add(sqrt(v), mul(second as Value, epsilon)));
    const size = div(mul(rate as Value, second as Value), first as Value);
    const decayed = isDecaying(spec) ? mul(parameter, sub(1, mul(rate as Value, weightDecay))) : parameter;
    return { parameter: sub(decayed, mul(direction, size)), state: { m, v } };
  }

  return {
    name: 'adamw',
    init: ({ shape }) => ({ m: shape, v: shape }),
    update,
    group: (spec) => (isDecaying(spec) ? 'decaying' : 'lasting'),
    scalars: (step) => ({ first_correction: 1 - beta1 ** step, second_correction: Math.sqrt(1 - beta2 ** step) }),
  };
}

const scaled = (factor: number, scale: Value | undefined): number | Value =>
  scale === undefined ? factor : mul(scale, factor);
