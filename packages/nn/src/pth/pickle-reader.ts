/** The bytes ended inside a pickle; with more of them it may go on. */
export class PickleTruncated extends Error {
  override readonly name = 'PickleTruncated';
}

/** Reads the operands of a pickle's opcodes: numbers are little-endian, lines end with a line feed. */
export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  /** Of the next byte. */
  get position(): number {
    return this.#position;
  }

  #advance(count: number): number {
    const at = this.#position;
    if (at + count > this.#bytes.length) throw new PickleTruncated('the pickle is cut short');
    this.#position = at + count;
    return at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** Big-endian, the one exception. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A two's-complement whole number of `length` bytes. */
  integer(length: number): number | bigint {
    const at = this.#advance(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i] as number);
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  skip(count: number): void {
    this.#advance(count);
  }

  text(length: number): string {
    const at = this.#advance(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  line(): string {
    const end = this.#bytes.indexOf(10, this.#position);
    if (end < 0) throw new PickleTruncated('the pickle is cut short');
    const text = this.text(end - this.#position);
    this.#position = end + 1;
    return text;
  }
}
