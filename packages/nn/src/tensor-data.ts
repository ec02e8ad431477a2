/** Arrays that hold tensor elements, by dtype: float32 → Float32Array, float16 → Uint16Array (bits), int32 → Int32Array, int64 → BigInt64Array. */
export type TensorData = Float32Array | Uint16Array | Int32Array | BigInt64Array;
