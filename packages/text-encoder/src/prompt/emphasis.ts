/**
 * Applies a weight to every token's state, then scales the whole sequence so that its mean is what it was: the rule
 * "Original" of AUTOMATIC1111's web UI. The same array comes back when every weight is 1, or where the mean after
 * weighting is 0 and no factor restores it the weighted states as they are.
 * @param states [S, D]
 * @param weights S numbers
 */
export function emphasise(states: Float32Array, weights: readonly number[]): Float32Array {
  if (weights.every((weight) => weight === 1)) return states;
  const width = states.length / weights.length;
  const weighted = states.map((value, i) => value * weights[Math.floor(i / width)]!);
  const restored = sum(states) / sum(weighted);
  return Number.isFinite(restored) ? weighted.map((value) => value * restored) : weighted;
}

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
