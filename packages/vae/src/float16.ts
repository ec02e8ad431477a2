/** float32 → float16 bits (IEEE 754 binary16), rounding to nearest, ties to even; overflow becomes infinity. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, halfOfSingle);
}

/** float16 bits → float32, exact. */
export function fromFloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const singles = halfTable();
  return Float32Array.from(bits, (half) => singles[half] ?? Number.NaN);
}

function halfOfSingle(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude < 0x38800000) return sign | subnormalHalf(magnitude);
  // Exponent bias 127 → 15; adding 0xfff and the lowest kept bit rounds ties to even, with carry into the exponent.
  const rounded = magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1);
  return sign | (rounded >>> 13);
}

/** Below 2⁻¹⁴ a half counts steps of 2⁻²⁴. */
function subnormalHalf(magnitude: number): number {
  const exponent = magnitude >>> 23;
  if (exponent < 102) return 0;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return kept + Number(rest > half || (rest === half && (kept & 1) === 1));
}

let table: Float32Array | undefined;

/** All 65,536 halves as float32, made on first use. */
function halfTable(): Float32Array {
  return (table ??= Float32Array.from({ length: 65536 }, (_, half) => singleOfHalf(half)));
}

function singleOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
