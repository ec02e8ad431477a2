import type { RandomStream } from '@lascaux/nn';

/** Bytes, changed; and the name of the change. */
export interface Mutation {
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** One element of a list. */
export const pick = <T>(random: RandomStream, list: readonly T[]): T => list[random.integer(list.length)]!;

/** Numbers at the edges of what fields of files hold. */
const EDGES = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

type Change = (bytes: Buffer, random: RandomStream) => Uint8Array;

const place = (bytes: Buffer, random: RandomStream): number => random.integer(Math.max(1, bytes.length));
const noise = (random: RandomStream, most: number): Buffer =>
  Buffer.from(Array.from({ length: 1 + random.integer(most) }, () => random.integer(256)));

/** Writes a number of 1, 2, 4 or 8 bytes, in either order. */
function writeNumber(bytes: Buffer, random: RandomStream, at: number): Buffer {
  const width = pick(random, [1, 2, 4, 8]);
  const value = BigInt.asUintN(8 * width, pick(random, EDGES));
  const little = random.integer(2) === 0;
  for (let i = 0; i < width && at + i < bytes.length; i++) {
    const shift = BigInt(8 * (little ? i : width - 1 - i));
    bytes[at + i] = Number((value >> shift) & 0xffn);
  }
  return bytes;
}

const changes: Readonly<Record<string, Change>> = {
  flip(bytes, random) {
    for (let i = random.integer(4); i >= 0; i--) bytes[place(bytes, random)]! ^= 1 << random.integer(8);
    return bytes;
  },
  set(bytes, random) {
    for (let i = random.integer(8); i >= 0; i--) bytes[place(bytes, random)] = random.integer(256);
    return bytes;
  },
  cut: (bytes, random) => bytes.subarray(0, place(bytes, random)),
  'cut a little': (bytes, random) => bytes.subarray(0, Math.max(0, bytes.length - 1 - random.integer(16))),
  insert(bytes, random) {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), noise(random, 64), bytes.subarray(at)]);
  },
  remove(bytes, random) {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(64))]);
  },
  repeat(bytes, random) {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at + 1 + random.integer(4096)), bytes.subarray(at)]);
  },
  number: (bytes, random) => writeNumber(bytes, random, place(bytes, random)),
  'number at the beginning': (bytes, random) => writeNumber(bytes, random, random.integer(128)),
  'number at the end': (bytes, random) =>
    writeNumber(bytes, random, Math.max(0, bytes.length - 1 - random.integer(128))),
  fill(bytes, random) {
    const at = place(bytes, random);
    return bytes.fill(pick(random, [0, 255]), at, Math.min(bytes.length, at + 1 + random.integer(256)));
  },
  append: (bytes, random) => Buffer.concat([bytes, noise(random, 512)]),
  empty: () => new Uint8Array(),
};

/** Changes bytes in one of a dozen ways. */
export function mutateBytes(input: Uint8Array, random: RandomStream): Mutation {
  const kind = pick(random, Object.keys(changes));
  return { kind, bytes: changes[kind]!(Buffer.from(input), random) };
}
