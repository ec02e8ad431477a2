import {
  check,
  fromBfloat16,
  fromFloat16,
  fromFloat8,
  LascauxError,
  sizeOf,
  toFloat16,
  type Float8Type,
  type SafetensorsTensor,
  type SafetensorsType,
  type TensorFacts,
} from '@lascaux/nn';

/** Element types of converted weights. */
export type WeightType = 'F32' | 'F16';

const isFloat8 = (dtype: SafetensorsType): dtype is Float8Type => dtype === 'F8_E4M3' || dtype === 'F8_E5M2';
const isFloat = (dtype: SafetensorsType): boolean => ['F64', 'F32', 'F16', 'BF16'].includes(dtype) || isFloat8(dtype);
/** Half precision holds them exactly. */
const fitsHalf = (dtype: SafetensorsType): boolean => dtype === 'F16' || isFloat8(dtype);

/** The element type in which a component is kept when nothing is said: half precision and eight bits become half precision, all else becomes float32, which holds bfloat16 exactly. */
export function keptType(facts: readonly TensorFacts[]): WeightType {
  const count = (wanted: (dtype: SafetensorsType) => boolean): number =>
    facts.filter(({ dtype }) => wanted(dtype)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return count(fitsHalf) > count((dtype) => !fitsHalf(dtype)) ? 'F16' : 'F32';
}

function floats({ dtype, data }: SafetensorsTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (isFloat8(dtype)) return fromFloat8(data as Uint8Array, dtype);
  if (data instanceof Uint16Array) return dtype === 'BF16' ? fromBfloat16(data) : fromFloat16(data);
  return Float32Array.from(data as Float64Array);
}

/**
 * The elements of a floating-point tensor in another element type.
 * @param operation names the tensor in errors
 * @throws {LascauxError} when it is of whole numbers, or a number is too large for half precision
 */
export function castWeight(tensor: SafetensorsTensor, type: WeightType, operation: string): Float32Array | Uint16Array {
  if (!isFloat(tensor.dtype))
    throw new LascauxError({ operation, rule: 'must hold floating-point numbers', value: tensor.dtype });
  if (tensor.dtype === type) return tensor.data as Float32Array | Uint16Array;
  const values = floats(tensor);
  if (type === 'F32') return values;
  const bits = toFloat16(values);
  const lost = values.findIndex((value, i) => Number.isFinite(value) && ((bits[i] as number) & 0x7fff) === 0x7c00);
  check(lost < 0, {
    operation,
    rule: 'does not fit half precision (largest 65504); keep it in --dtype f32',
    value: values[lost],
    kind: 'usage',
  });
  return bits;
}
