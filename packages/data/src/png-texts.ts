import { inflateSync } from 'node:zlib';
import { check, limits } from '@lascaux/nn';

/** Reads bytes of a file; fewer where it ends. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

const SIGNATURE_LENGTH = 8;
/** Length and type in front of a chunk's data; a checksum follows it. */
const [CHUNK_HEADER, CHECKSUM] = [8, 4];

/** Where the compressed stream of a chunk's data begins (PNG specification, 11.3.2 and 11.3.3); undefined where there is none. */
const streams: Readonly<Record<string, (data: Uint8Array) => number | undefined>> = {
  zTXt: (data) => data.indexOf(0) + 2,
  iCCP: (data) => data.indexOf(0) + 2,
  iTXt(data) {
    const flag = data.indexOf(0) + 1;
    const language = data.indexOf(0, flag + 2);
    return data[flag] === 0 ? undefined : data.indexOf(0, language + 1) + 1;
  },
  tEXt: () => undefined,
};

/** How many bytes a chunk has once it is unpacked, up to `most`; one more where it is more. */
function unpackedLength(data: Uint8Array, start: number | undefined, most: number): number {
  if (start === undefined) return data.length;
  try {
    return inflateSync(data.subarray(start), { maxOutputLength: most + 1 }).length;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? most + 1 : data.length;
  }
}

/**
 * Refuses a PNG whose texts or colour profile unpack to more than memory should hold; libraries unpack all of them when they open a file.
 * @throws {LascauxError} naming the file
 */
export async function checkPngTexts(read: ReadBytes, name: string): Promise<void> {
  let at = SIGNATURE_LENGTH;
  let left: number = limits.imageTextBytes;
  const rule = `the texts in an image may have ${limits.imageTextBytes / 2 ** 20} MB, and have more`;
  for (let chunk = 0; ; chunk++) {
    check(chunk < limits.pngChunks, {
      operation: name,
      rule: `a PNG may have ${limits.pngChunks} chunks before its pixels`,
    });
    const header = Buffer.from(await read(at, CHUNK_HEADER));
    if (header.length < CHUNK_HEADER) return;
    const [length, type] = [header.readUInt32BE(0), header.toString('latin1', 4)];
    if (type === 'IDAT') return;
    const stream = streams[type];
    if (stream !== undefined) {
      check(length <= left, { operation: name, rule });
      const data = await read(at + CHUNK_HEADER, length);
      left -= unpackedLength(data, stream(data), left);
      check(left >= 0, { operation: name, rule });
    }
    at += CHUNK_HEADER + length + CHECKSUM;
  }
}
