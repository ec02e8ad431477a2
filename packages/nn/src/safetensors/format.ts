import { LascauxError, check, jsonText } from '../errors.js';
import { limits } from '../limits.js';
import { parseJson } from '../parse-json.js';

/** Element types of the safetensors format and their size in bytes. */
export const safetensorsTypes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsType = keyof typeof safetensorsTypes;

/** One tensor of a file: its bytes are [offset, offset + length) counted from the beginning of the file. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** The parsed header of a file. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Where an entry stands: its file, its name, and where the file's data part begins. */
interface EntryPlace {
  readonly path: string;
  readonly name: string;
  readonly dataStart: number;
}

function parseEntry(raw: unknown, { path, name, dataStart }: EntryPlace): SafetensorsEntry {
  const fail = (rule: string, value: unknown): LascauxError =>
    new LascauxError({ operation: path, rule: `tensor ${name}: ${rule}`, value: jsonText(value) });
  if (!isRecord(raw)) throw fail('must be an object', raw);
  const { dtype, shape, data_offsets: offsets } = raw;
  if (typeof dtype !== 'string' || !Object.hasOwn(safetensorsTypes, dtype))
    throw fail(`dtype must be one of ${Object.keys(safetensorsTypes).join(', ')}`, dtype);
  if (!Array.isArray(shape) || !shape.every(isSize)) throw fail('shape must be a list of whole numbers', shape);
  if (shape.length > limits.tensorAxes) throw fail(`shape may have ${limits.tensorAxes} axes`, shape.length);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    throw fail('data_offsets must be two whole numbers', offsets);
  const [begin, end] = offsets as [number, number];
  const length = shape.reduce<number>((product, dim) => product * dim, safetensorsTypes[dtype as SafetensorsType]);
  if (end - begin !== length) throw fail(`data_offsets must span the ${length} bytes of its shape and dtype`, offsets);
  return { dtype: dtype as SafetensorsType, shape: shape, offset: dataStart + begin, length };
}

/** Tensors must fill the data part from its beginning to the end of the file, without overlap or hole. */
function checkCoverage(
  path: string,
  entries: ReadonlyMap<string, SafetensorsEntry>,
  range: { begin: number; end: number },
): void {
  let position = range.begin;
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length)) {
    check(entry.offset + entry.length <= range.end, {
      operation: path,
      rule: `is truncated: tensor ${name} ends at byte ${entry.offset + entry.length}`,
      value: `${range.end} bytes`,
    });
    check(entry.offset === position, {
      operation: path,
      rule: `tensor ${name} must begin where the one before it ends (byte ${position})`,
      value: entry.offset,
    });
    position += entry.length;
  }
  check(position === range.end, {
    operation: path,
    rule: `has bytes after its last tensor: it should end at byte ${position}`,
    value: `${range.end} bytes`,
  });
}

function parseMetadata(path: string, raw: unknown): Readonly<Record<string, string>> {
  if (raw === undefined) return {};
  const valid = isRecord(raw) && Object.values(raw).every((value) => typeof value === 'string');
  check(valid, { operation: path, rule: '__metadata__ must map text to text' });
  return raw as Record<string, string>;
}

/** Reads the header's JSON text. @throws {LascauxError} naming the file and what is wrong */
export function parseHeader(
  path: string,
  text: string,
  { dataStart, fileSize }: { dataStart: number; fileSize: number },
): SafetensorsHeader {
  // Objects and lists of a header: itself, an entry, its shape.
  const json = parseJson(text, { name: path, part: 'the safetensors header', depth: 3, values: 12 * limits.tensors });
  check(isRecord(json), { operation: path, rule: 'the safetensors header must be a JSON object' });
  const { __metadata__: metadata, ...tensors } = json;
  const count = Object.keys(tensors).length;
  check(count <= limits.tensors, { operation: path, rule: `may hold ${limits.tensors} tensors`, value: count });
  const entries = new Map(
    Object.entries(tensors).map(([name, raw]) => [name, parseEntry(raw, { path, name, dataStart })]),
  );
  checkCoverage(path, entries, { begin: dataStart, end: fileSize });
  return { entries, metadata: parseMetadata(path, metadata) };
}
