import type { HeadOptions, Stream } from '../layers/index.js';
import { feedForward, jointAttention, knownSize, linear, streamAttention } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import { conditionParts, conditionedNorm, modulatedNorm } from './modulation.js';

/** Options of `jointBlock`. */
export interface JointBlockOptions extends HeadOptions {
  /** Embedding of timestep and pooled text, [N, C], of which each stream makes its shifts, scales and gates. */
  readonly condition: Value;
  /** Whether image tokens also attend to themselves alone (`attn2`, SD3.5 medium); default false. */
  readonly dual?: boolean;
  /** Whether the text ends here (diffusers' `context_pre_only`); default false. */
  readonly last?: boolean;
}

const EPSILON = 1e-6;

/** One stream modulated by the conditioning (adaLN-Zero, Peebles & Xie 2023): gates and shifts are [N, 1, C]. */
interface Modulation {
  /** Input of the attention, [N, T, C]. */
  readonly normed: Value;
  /** Of the attention's output. */
  readonly gate: Value;
  readonly feedForward: { readonly shift: Value; readonly scale: Value; readonly gate: Value };
  /** Input and gate of the second attention, of the image tokens alone. */
  readonly dual?: { readonly normed: Value; readonly gate: Value };
}

function modulate(
  scope: Scope,
  x: Value,
  { condition, dual = false }: { condition: Value; dual?: boolean },
): Modulation {
  const width = knownSize('joint block', x, 2);
  const parts = conditionParts(scope, condition, { count: dual ? 9 : 6, width });
  const at = (index: number): Value => parts[index] as Value;
  const norm = (first: number): Value => modulatedNorm(x, { shift: at(first), scale: at(first + 1), epsilon: EPSILON });
  return {
    normed: norm(0),
    gate: at(2),
    feedForward: { shift: at(3), scale: at(4), gate: at(5) },
    ...(dual ? { dual: { normed: norm(6), gate: at(8) } } : {}),
  };
}

/** x + gate · mlp(norm(x)·(1 + scale) + shift): [N, T, C] → [N, T, C]. */
function gatedFeedForward(scope: Scope, x: Value, { shift, scale, gate }: Modulation['feedForward']): Value {
  const normed = modulatedNorm(x, { shift, scale, epsilon: EPSILON });
  return ops.add(x, ops.mul(gate, feedForward(scope, normed, { kind: 'gelu_pytorch_tanh' })));
}

/**
 * A block over two streams, image tokens [N, T, C] and text tokens [N, S, C], that share one attention and have all other layers apart. Source: Esser et al. 2024,
 * figure 2b (MM-DiT); the double-stream block of Flux is the same with rotary embeddings. The last block has no text tokens as a result.
 * Why: docs/decisions/0094.
 */
export function jointBlock(
  scope: Scope,
  [image, text]: readonly [Stream, Stream],
  { condition, dual = false, last = false, ...heads }: JointBlockOptions,
): readonly [Value, Value | undefined] {
  const imageModulation = modulate(scope.at('norm1'), image.tokens, { condition, dual });
  const textNorm = scope.at('norm1_context');
  const textModulation = last ? undefined : modulate(textNorm, text.tokens, { condition });
  const [imageOut, textOut] = jointAttention(
    scope.at('attn'),
    [
      { ...image, tokens: imageModulation.normed },
      { ...text, tokens: textModulation?.normed ?? conditionedNorm(textNorm, text.tokens, condition) },
    ],
    { ...heads, onlyFirst: last },
  );
  let x = ops.add(image.tokens, ops.mul(imageModulation.gate, imageOut));
  if (imageModulation.dual !== undefined) {
    const attn2 = scope.at('attn2');
    const attended = streamAttention(attn2, { tokens: imageModulation.dual.normed }, heads);
    const out = knownSize('joint block', x, 2);
    x = ops.add(x, ops.mul(imageModulation.dual.gate, linear(attn2.at('to_out', 0), attended, { out })));
  }
  const imageTokens = gatedFeedForward(scope.at('ff'), x, imageModulation.feedForward);
  if (textModulation === undefined || textOut === undefined) return [imageTokens, undefined];
  const textTokens = ops.add(text.tokens, ops.mul(textModulation.gate, textOut));
  return [imageTokens, gatedFeedForward(scope.at('ff_context'), textTokens, textModulation.feedForward)];
}
