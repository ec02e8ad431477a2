import { check } from '@lascaux/nn';
import type { TextEncoder } from './text-encoder.js';

/** A function over states [S, D] of any S. */
export type FinalNorm = (states: Float32Array) => Float32Array;

/** CLIP's layer_norm_eps. */
const EPSILON = 1e-5;
/** How far the fitted norm may be from the graph's own, as a share of the largest value; half precision is within 0.003. */
const TOLERANCE = 0.02;

interface Line {
  gain: number;
  bias: number;
}

/**
 * The final layer norm of a CLIP text encoder, found out from its graph: "clip skip" applies it to an earlier hidden state,
 * and graphs hand out its result but neither its gain nor its bias. Both are read off one sequence of many different
 * tokens, as the line from the normalized last hidden state to the graph's result, channel by channel (least squares).
 * @throws {LascauxError} when the graph lacks the hidden states, or ends in something else than a layer norm
 */
export async function finalNorm({ tokenizer, encodeIds, hasHiddenStates }: TextEncoder): Promise<FinalNorm> {
  const operation = 'text encoder';
  check(hasHiddenStates, {
    operation,
    rule: 'an earlier layer was asked for (clip skip), but the graph does not hand out its hidden states; it must be exported with them',
    kind: 'usage',
  });
  const { maxLength, vocabSize } = tokenizer;
  // Spread over the vocabulary; an odd stride keeps neighbours apart.
  const ids = Array.from({ length: maxLength }, (_, i) => Math.floor(((2 * i + 1) * vocabSize) / (2 * maxLength)));
  const { hiddenState, lastHiddenState } = await encodeIds([ids], { hiddenState: -1 });
  const width = lastHiddenState.dims.at(-1)!;
  const normalized = normalizeRows(hiddenState!.data as Float32Array, width);
  const wanted = lastHiddenState.data as Float32Array;
  const lines = Array.from({ length: width }, (_, channel) => fitLine(normalized, wanted, { channel, width }));
  const apply = (rows: Float32Array) => rows.map((value, i) => value * lines[i % width]!.gain + lines[i % width]!.bias);
  const error = largest(apply(normalized).map((value, i) => value - wanted[i]!)) / largest(wanted);
  check(error < TOLERANCE, { operation, rule: 'clip skip needs a graph that ends in a layer norm', value: error });
  return (states) => apply(normalizeRows(states, width));
}

/** (x − mean) / √(variance + ε) of every row. */
function normalizeRows(states: Float32Array, width: number): Float32Array {
  const out = new Float32Array(states.length);
  for (let begin = 0; begin < states.length; begin += width) {
    const row = states.subarray(begin, begin + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    out.set(
      row.map((value) => (value - mean) / Math.sqrt(variance + EPSILON)),
      begin,
    );
  }
  return out;
}

/** The line through one channel of two lists of rows: y ≈ gain · x + bias. */
function fitLine(x: Float32Array, y: Float32Array, { channel, width }: { channel: number; width: number }): Line {
  const rows = x.length / width;
  let [meanX, meanY] = [0, 0];
  for (let i = channel; i < x.length; i += width) {
    meanX += x[i]! / rows;
    meanY += y[i]! / rows;
  }
  let [products, squares] = [0, 0];
  for (let i = channel; i < x.length; i += width) {
    products += (x[i]! - meanX) * (y[i]! - meanY);
    squares += (x[i]! - meanX) ** 2;
  }
  const gain = squares > 0 ? products / squares : 0;
  return { gain, bias: meanY - gain * meanX };
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
