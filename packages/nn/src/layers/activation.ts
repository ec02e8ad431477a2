import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';

/** ½x(1 + tanh(√(2/π)(x + 0.044715x³))), the approximation that T5 1.1 was trained with. Source: Hendrycks & Gimpel 2016. */
function geluTanh(x: Value): Value {
  const cubic = ops.mul(ops.mul(ops.square(x), x), 0.044715);
  const inner = ops.mul(ops.add(x, cubic), Math.sqrt(2 / Math.PI));
  return ops.mul(ops.mul(x, 0.5), ops.add(ops.tanh(inner), 1));
}

const activations = {
  silu: ops.silu,
  swish: ops.silu,
  gelu: ops.gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: ops.quickGelu,
  relu: ops.relu,
} as const;

/** The name of an activation as configs of diffusers and transformers spell it. */
export type ActivationName = keyof typeof activations;

/** Every activation that configs may name. */
export const activationNames = Object.keys(activations) as [ActivationName, ...ActivationName[]];

/** Applies a named activation, element by element. */
export const activation = (name: ActivationName, x: Value): Value => activations[name](x);
