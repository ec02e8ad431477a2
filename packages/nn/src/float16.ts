const scratch = new Float32Array(1);
const scratchWord = new Uint32Array(scratch.buffer);

/** The IEEE 754 half-precision bits nearest to `value`, ties to even; what is too large becomes an infinity. */
export function float16Bits(value: number): number {
  scratch[0] = value;
  return halfOfWord(scratchWord[0]!);
}

/** The half-precision bits nearest to the number whose float32 bits are `bits`. */
function halfOfWord(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const shifted = exponent - 127 + 15;
  if (shifted >= 0x1f) return sign | 0x7c00;
  if (shifted < -10) return sign;
  // Below the smallest normal number the leading one becomes part of the fraction.
  const full = shifted <= 0 ? fraction | 0x800000 : fraction;
  const drop = shifted <= 0 ? 14 - shifted : 13;
  const kept = full >>> drop;
  const rest = full & ((1 << drop) - 1);
  const half = 1 << (drop - 1);
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  return sign | ((shifted <= 0 ? kept : (shifted << 10) | kept) + up);
}

/** The number that half-precision bits stand for. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// Plain loops over words and a table: `Uint16Array.from(values, float16Bits)` walks an iterator and takes twenty times as long,
// minutes for the weights of a large model.

/** Half-precision bits of every element. */
export function toFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) halves[i] = halfOfWord(words[i]!);
  return halves;
}

let table: Float32Array | undefined;

/** The number behind each of the 65,536 patterns, made when first asked for. */
const valueTable = (): Float32Array => (table ??= new Float32Array(0x10000).map((_, bits) => float16Value(bits)));

/** The numbers behind half-precision bits. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  const values = valueTable();
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < floats.length; i++) floats[i] = values[bits[i]!]!;
  return floats;
}

/** The numbers behind bfloat16 bits: the upper half of a float32. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < words.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}
