import { check, ops } from '@lascaux/nn';
import type { ParameterSpec, Value } from '@lascaux/nn';
import { adamw } from './adamw.js';
import type { AdamWOptions } from './adamw.js';
import type { Optimizer, UpdateContext, Updated } from './optimizer.js';
import { polarExpress } from './polar-express.js';
import { asMatrix, isHiddenMatrix } from './parameter-rules.js';

const { add, div, matmul, mul, reshape, sqrt, square, sub, sum, swapLast } = ops;

/** Settings of `muon`; those of AdamW serve the parameters that are no hidden matrices. */
export interface MuonOptions extends AdamWOptions {
  /** Decay of the momentum, μ; default 0.95. */
  readonly momentum?: number;
  /** Iterations of `orthogonalize`; default 4. */
  readonly iterations?: number;
  /** Which parameters are hidden matrices; default: rank 2 and more, no embeddings, not the first or last layer. */
  readonly hidden?: (spec: ParameterSpec) => boolean;
}

/**
 * The nearest semi-orthogonal matrix, nearly: U·Vᵀ of M = U·Σ·Vᵀ. Iterates X ← a·X + (b·A + c·A²)·X with A = X·Xᵀ (Jordan et al. 2024, "Muon")
 * with other coefficients in each step (Amsel et al. 2025, "The Polar Express"): four bring singular values from 0.004 times the norm on
 * to between 0.85 and 1.15; smaller ones stay below.
 * @param matrix [rows, columns]
 */
export function orthogonalize(matrix: Value, iterations = 4): Value {
  const [rows, columns] = matrix.shape as readonly [number, number];
  // The product X·Xᵀ is cheaper over the shorter side.
  const wide = rows <= columns ? matrix : swapLast(matrix);
  let x = div(wide, add(mul(sqrt(sum(square(wide))), 1.01), 1e-7));
  for (const [a, b, c] of polarExpress(iterations)) {
    const gram = matmul(x, swapLast(x));
    x = add(mul(x, a), matmul(add(mul(gram, b), mul(matmul(gram, gram), c)), x));
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
  iterations = 4,
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
    const decayed = weightDecay > 0 ? mul(parameter, sub(1, mul(rate, weightDecay))) : parameter;
    return { parameter: sub(decayed, change), state: { momentum: buffer } };
  }

  return {
    name: 'muon',
    init: (spec) => (hidden(spec) ? { momentum: spec.shape } : other.init(spec)),
    update,
    group: (spec) => (hidden(spec) ? undefined : other.group?.(spec)),
    scalars: (step) => other.scalars(step),
  };
}
