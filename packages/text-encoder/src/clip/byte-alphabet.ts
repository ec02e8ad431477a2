/** Marks the last symbol of a word in CLIP's vocabulary. */
export const END_OF_WORD = '</w>';

/** Name of the token that opens every CLIP sequence. */
export const START_OF_TEXT = '<|startoftext|>';

/** Name of the token that closes every CLIP sequence, and pads most of them. */
export const END_OF_TEXT = '<|endoftext|>';

/** Bytes that stand for themselves: the visible Latin-1 characters, in CLIP's order. */
function visibleBytes(): number[] {
  const ranges = [
    ['!', '~'],
    ['¡', '¬'],
    ['®', 'ÿ'],
  ] as const;
  return ranges.flatMap(([first, last]) => {
    const start = first.charCodeAt(0);
    return Array.from({ length: last.charCodeAt(0) - start + 1 }, (_, offset) => start + offset);
  });
}

function bytesInClipOrder(): { byte: number; symbol: string }[] {
  const visible = visibleBytes();
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !visible.includes(byte));
  return [
    ...visible.map((byte) => ({ byte, symbol: String.fromCharCode(byte) })),
    // The remaining 68 bytes (control characters, space …) borrow the characters from U+0100 on.
    ...others.map((byte, index) => ({ byte, symbol: String.fromCharCode(256 + index) })),
  ];
}

const ORDERED = bytesInClipOrder();

/** The 256 one-character symbols in the order of CLIP's ids 0 to 255 (`!` is 0). */
export const BYTE_SYMBOLS: readonly string[] = ORDERED.map(({ symbol }) => symbol);

/** `ID_OF_BYTE[b]` is the CLIP id of byte `b`; the same symbol at the end of a word is 256 higher. */
export const ID_OF_BYTE: readonly number[] = Array.from({ length: 256 }, (_, byte) =>
  ORDERED.findIndex((entry) => entry.byte === byte),
);

/** The byte that each symbol stands for. */
export const BYTE_OF_SYMBOL: ReadonlyMap<string, number> = new Map(ORDERED.map(({ symbol, byte }) => [symbol, byte]));

const utf8 = new TextEncoder();

/** The UTF-8 bytes of a word as CLIP ids of single bytes, without the end-of-word mark. */
export function byteIds(word: string): number[] {
  return Array.from(utf8.encode(word), (byte) => ID_OF_BYTE[byte] as number);
}
