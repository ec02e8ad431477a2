import { check, ops } from '@lascaux/nn';
import type { ParameterSpec, Value } from '@lascaux/nn';
import { adamw } from './adamw.js';
import type { AdamWOptions } from './adamw.js';
import type { Optimizer, UpdateContext, Updated } from './optimizer.js';
import { asMatrix, isHiddenMatrix } from './parameter-rules.js';

const { add, div, matmul, mul, reshape, sqrt, square, sub, sum, swapLast } = ops;

/** Settings of `muon`; those of AdamW serve the parameters that are no hidden matrices. */
export interface MuonOptions extends AdamWOptions {
  /** Decay of the momentum, μ; default 0.95. */
  readonly momentum?: number;
  /** Newton–Schulz iterations; default 5. */
  readonly iterations?: number;
  /** Which parameters are hidden matrices; default: rank 2 and more, no embeddings, not the first or last layer. */
  readonly hidden?: (spec: ParameterSpec) => boolean;
}

/**
 * The nearest semi-orthogonal matrix, roughly: U·Vᵀ of M = U·Σ·Vᵀ, with singular values between about 0.7 and 1.2.
 * Iterates X ← a·X + (b·A + c·A²)·X with A = X·Xᵀ (Jordan et al. 2024, "Muon", the quintic with a, b, c = 3.4445, −4.7750, 2.0315).
 * @param matrix [rows, columns]
 */
export function orthogonalize(matrix: Value, iterations = 5): Value {
  const [rows, columns] = matrix.shape as readonly [number, number];
  // The product X·Xᵀ is cheaper over the shorter side.
  const wide = rows <= columns ? matrix : swapLast(matrix);
  let x = div(wide, add(sqrt(sum(square(wide))), 1e-7));
  for (let i = 0; i < iterations; i++) {
    const a = matmul(x, swapLast(x));
    const b = add(mul(a, -4.775), mul(matmul(a, a), 2.0315));
    x = add(mul(x, 3.4445), matmul(b, x));
  }
  return rows <= columns ? x : swapLast(x);
}

/**
 * Muon (Jordan et al. 2024) for hidden matrices and filters flattened to [out, in·h·w], AdamW for the rest:
 *
 *     b ← μ·b + (1 − μ)·g      u = μ·b + (1 − μ)·g      θ ← (1 − η·λ)·θ − η · 0.2·√max(rows, columns) · orthogonalize(u)
 *
 * The factor 0.2·√max(rows, columns) gives the update the size that AdamW's has, so that one learning rate and one weight decay serve
 * both (Liu et al. 2025, "Muon is scalable for LLM training", equation 4).
 * @throws {LascauxError} when μ is outside [0, 1), or a setting of AdamW is
 */
export function muon({
  momentum = 0.95,
  iterations = 5,
  hidden = isHiddenMatrix,
  ...rest
}: MuonOptions = {}): Optimizer {
  check(momentum >= 0 && momentum < 1, {
    operation: 'muon',
    rule: 'momentum must lie in [0, 1)',
    value: momentum,
    kind: 'usage',
  });
  const other = adamw(rest);
  const weightDecay = rest.weightDecay ?? 0.01;

  function update(context: UpdateContext): Updated {
    const { spec, parameter, gradient, gradientScale, state, scalars } = context;
    if (!hidden(spec)) return other.update(context);
    const rate = scalars.learning_rate as Value;
    const fresh = mul(gradient, gradientScale === undefined ? 1 - momentum : mul(gradientScale, 1 - momentum));
    const buffer = add(mul(state.momentum as Value, momentum), fresh);
    const [rows, columns] = asMatrix(spec.shape);
    const direction = orthogonalize(reshape(add(mul(buffer, momentum), fresh), [rows, columns]), iterations);
    const change = mul(reshape(direction, spec.shape), mul(rate, 0.2 * Math.sqrt(Math.max(rows, columns))));
    const kept = weightDecay > 0 ? mul(parameter, sub(1, mul(rate, weightDecay))) : parameter;
    return { parameter: sub(kept, change), state: { momentum: buffer } };
  }

  return {
    name: 'muon',
    init: (spec) => (hidden(spec) ? { momentum: spec.shape } : other.init(spec)),
    update,
    group: (spec) => (hidden(spec) ? undefined : other.group?.(spec)),
    scalars: (step) => other.scalars(step),
  };
}
