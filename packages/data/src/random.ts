/** A seeded source of uniform numbers in [0, 1). */
export interface RandomStream {
  /** The next number in [0, 1). */
  next(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
}

/** 32-bit FNV-1a of a text's UTF-16 code units, finished with murmur3's mixer so that close texts land far apart. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

/** murmur3's 32-bit finaliser: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A stream that depends on the key alone: sfc32 (Doty-Humphrey's small fast counter) seeded by four hashes of the key. */
export function randomStream(key: string): RandomStream {
  let a = hashText(`${key}/a`);
  let b = hashText(`${key}/b`);
  let c = hashText(`${key}/c`);
  let counter = hashText(`${key}/d`);
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    between: (low, high) => low + (high - low) * next(),
  };
}
