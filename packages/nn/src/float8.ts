/** Eight-bit floating-point formats by their safetensors names (Micikevicius et al. 2022): sign, exponent bits, fraction bits. */
export type Float8Type = 'F8_E4M3' | 'F8_E5M2';

const formats = {
  F8_E4M3: { fractionBits: 3, bias: 7 },
  F8_E5M2: { fractionBits: 2, bias: 15 },
} as const;

/** The number that eight bits stand for. E4M3 is the finite variant of PyTorch: it has no infinities, and NaN is all ones. */
function float8Value(bits: number, type: Float8Type): number {
  const { fractionBits, bias } = formats[type];
  const sign = bits & 0x80 ? -1 : 1;
  const magnitude = bits & 0x7f;
  const exponent = magnitude >> fractionBits;
  const fraction = magnitude & ((1 << fractionBits) - 1);
  if (type === 'F8_E4M3' && magnitude === 0x7f) return NaN;
  if (type === 'F8_E5M2' && exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  const size = fraction / (1 << fractionBits);
  return sign * (exponent === 0 ? size * 2 ** (1 - bias) : (1 + size) * 2 ** (exponent - bias));
}

const tables = new Map<Float8Type, Float32Array>();

/** The numbers behind eight-bit floating-point bits. */
export function fromFloat8(bits: Uint8Array, type: Float8Type): Float32Array {
  const values = tables.get(type) ?? new Float32Array(256).map((_, byte) => float8Value(byte, type));
  tables.set(type, values);
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < floats.length; i++) floats[i] = values[bits[i]!]!;
  return floats;
}
